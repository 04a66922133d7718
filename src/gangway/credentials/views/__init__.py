"""Pages of credentials: `holder` (P9, the PDF), `stranger` (P11), `staff`; `certificate` draws the PDF."""
