"""Commands of identity: letting people in (`people`), and how partners are connected (`connections`)."""
