"""Partners: the tenant organisations, their types, tiers, host names and brands. Knows nobody's people."""
