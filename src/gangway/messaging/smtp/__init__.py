"""SMTP (RFC 5321) at the sill: one letter as bytes in, our Outcome out. Knows no table and no person."""
