"""Pages of credentials:
`holder` (P9, the PDF), `keeping` (by a private mailbox), `stranger` (P11), `staff`; `certificate` draws the PDF."""
