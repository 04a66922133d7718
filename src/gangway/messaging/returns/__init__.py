"""What comes back, at the sill: delivery reports and answers (RFC 3464, RFC 3834), mailboxes (IMAP), the events of mail
providers. Foreign words in, our `Returned` and `Answer` out. Knows no table and no person."""
