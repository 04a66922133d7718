"""The cellar of the house: tenancy, outbox, audit, jobs, clock, outbound, secrets, access, refusal. No subject."""
