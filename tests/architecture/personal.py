"""Every column of text that holds nothing personal, and why. A new column stands here, or in a room `privacy`."""

KEY = "a key of ours"
STATE = "one of a few words of ours"
DIGEST = "a digest or a random number"
WORDS = "words about the programme, not about a person"
COMPANY = "names a company, not a person"
MACHINE = "about the machine"
IDS = "ids, counts and codes only"
COMMON = {  # columns that are called alike everywhere
    "state": STATE, "kind": STATE, "key": KEY, "locale": "a language", "zone": "a time zone",
    "digest": DIGEST, "content_hash": DIGEST, "version": STATE, "source": "which system or statistic it is from",
}  # fmt: skip

NOT_PERSONAL: dict[str, dict[str, str]] = {
    "kernel.AuditEntry": {
        **dict.fromkeys(("actor_kind", "via", "verb", "object_type"), STATE),
        **dict.fromkeys(("actor_id", "object_id", "request_id"), IDS),
        "changes": "what is personal goes to changes_personal",
    },
    "kernel.Installation": {"environment": STATE},
    "kernel.Job": {
        "task": KEY, "arguments": IDS, "queue": STATE, "worker": MACHINE, "words": IDS, "result": IDS,
    },
    "kernel.OutboxEvent": {"name": KEY, "payload": IDS, "actor_kind": STATE, "actor_id": IDS},
    "kernel.Cursor": {"group": KEY},
    "kernel.Failure": {"group": KEY},
    "partners.PartnerType": {"name": WORDS, "primary": STATE, "fallback": STATE},
    "partners.Tier": {"name": WORDS},
    "partners.Partner": {"slug": KEY, "name": COMPANY, "sort_key": COMPANY, "parent_sees": STATE},
    "partners.PartnerTier": {"reason": WORDS},
    "partners.Brand": {"accent": "a colour", "display_name": COMPANY},
    "partners.ApplyRun": {"actor_kind": STATE, "actor_id": IDS, "vocabulary": WORDS},
    "partners.HostName": {"name": "a host name"},
    "partners.VerifiedDomain": {"name": "a domain"},
    "people.Group": {"name": WORDS},
    "people.Grant": {"role": STATE, "reach": STATE},
    "people.PersonMerge": {"moved": IDS, "roles": IDS},
    "people.ImportRun": {"file_name": "the name of a file", "kept_rows": IDS},
    "people.ImportChunk": {"made": DIGEST, "groups": IDS},
    "people.ImportChange": {"left": DIGEST},
    "people.Sheet": {"file_name": "the name of a file", "place": STATE},
    "messaging.Message": {
        "letter_key": KEY, "category": STATE, "payload": IDS, "dedupe_key": IDS, "header": DIGEST,
    },
    "messaging.OptOut": {"category": STATE},
    "messaging.Suppression": {"mailbox": DIGEST},
    "messaging.Reply": {"mail_id": DIGEST},
    "messaging.ReturnBox": {"box": DIGEST, "problem": "what a mail server said about our own mailbox"},
    "identity.Session": {"method": STATE},
    "identity.Challenge": {
        "link": DIGEST, "code": DIGEST, "browser": DIGEST, "mailbox": DIGEST, "next_path": "a page of ours",
        "proven_by": STATE, "number": DIGEST, "invitation": DIGEST,
    },
    "identity.FailedSignIn": {
        "number": DIGEST, "mailbox": DIGEST, "subject": DIGEST, "step": STATE, "answer": STATE,
        "reason": KEY, "detail": "what was expected and came, no claim of a person",
    },
    "identity.Connection": {
        "kind": STATE, "name": WORDS, "join_claim": KEY, "join_attribute": KEY, "claims": KEY, "group_rules": KEY,
        "domains": "domains of a company",
        "fallback": STATE, "account_claim": KEY,
    },
    "identity.ConnectionReach": {"key": "the account key of a company at a provider"},
    "identity.AccessCode": {"digest": DIGEST, "label": WORDS, "tail": "four signs of a code"},
    "identity.JoinRequest": {"place": DIGEST},
    "identity.DomainClaim": {"name": "a domain", "token": DIGEST, "looked": STATE, "code": DIGEST},
    "identity.SetUpLink": {"digest": DIGEST},
    "identity.Trial": {"rules": "rules, names of claims and codes, no value of a claim", "claims": KEY},
    "identity.SignedSheet": {
        "text": "a configuration by keys, no person",
        "signer": "the name below a signature of a company: evidence, kept",
    },
    "identity.SignedSpec": {"type_key": KEY, "text": "a configuration by keys, no person", "digest": DIGEST},
    "identity.ConnectionRoute": {"name": "a part of an address"},
    "identity.ApiToken": {"digest": DIGEST, "right": STATE, "tail": "four signs of a token"},
    "identity.OidcSettings": {
        **dict.fromkeys(("issuer", "client_id", "scopes", "must_say", "document", "keys"), "about a provider"),
        **dict.fromkeys(("secret", "old_secret"), "sealed, and nobody's own"),
    },
    "identity.ExpiryNotice": {"what": STATE, "name": "of a certificate, secret or token"},
    "identity.RenewalLink": {"digest": DIGEST, "what": STATE, "name": "of a certificate, secret or token"},
    "identity.Departure": {
        "digest": DIGEST, "browser": DIGEST, "told": "sealed: what a provider must give back",
        "next_path": "a page of ours",
        "mailbox": DIGEST,
    },
    "identity.SamlSettings": {
        **dict.fromkeys(("entity_id", "sso_url", "metadata_url"), "an address of a provider"),
        "certificates": "of a provider", "subject_attribute": KEY, "problem": WORDS,
    },
    "identity.SamlAnswer": {
        "assertion": DIGEST, "handle": DIGEST, "brought": "sealed for two minutes, and gone within the hour",
    },
    "identity.AccessReview": {"text": "rights by ids and codes", "digest": DIGEST},
    "identity.VendorPortal": dict.fromkeys(("name", "issuer", "start_url"), "about the vendor's portal"),
    "identity.PortalKey": {"kid": KEY, "algorithm": STATE, "jwk": "a public key"},
    "identity.HandOver": {
        **dict.fromkeys(("nonce", "browser", "token", "handle"), DIGEST), "next_path": "a page of ours",
        "brought": "sealed for two minutes, and gone within the hour",
    },
    "identity.Ceremony": {"purpose": STATE, "holder": DIGEST, "nonce": DIGEST},
    "identity.Passkey": {"transports": STATE},
    "identity.FactorPolicy": {"admins": STATE},
    "identity.ScimValue": {"attribute": "the name of an attribute"},
    "identity.ScimGroup": {
        "display_name": WORDS, "display_key": WORDS, "external_id": "the number of a group elsewhere",
    },
    "identity.ScimExchange": {
        "method": STATE, "path": "ids and names of attributes", "did": STATE, "why": "codes and names of attributes",
    },
    "learning.EnrolmentRule": {"name": WORDS, **dict.fromkeys(("types", "tiers", "groups", "languages"), KEY)},
    "learning.EnrolmentReason": {"ref": KEY},
    "learning.PathReason": {"ref": KEY},
    "learning.AttemptItem": {"shown": "the letters of the choices as they were shown"},
    "learning.Completion": {"note": "why a completion was taken back"},
    "credentials.Credential": {"title": WORDS},
    "credentials.Award": {
        "number": "random, and survives its holder's erasing", "title": WORDS, "course_key": KEY, "credential_key": KEY,
        "issuer": COMPANY, "seal": DIGEST, "revoke_reason": STATE,
    },
    "credentials.AwardEvent": {"reason": STATE},
    "credentials.PrivateMailbox": {"mailbox": DIGEST},
    "credentials.MailboxTry": {"mailbox": DIGEST, "code": DIGEST},
    "credentials.AwardClaim": {"mailbox": DIGEST},
    "credentials.KeptAsk": {"mailbox": DIGEST, "link": DIGEST},
    "insights.KpiDefinition": {"title": WORDS, "words": WORDS, "unit": STATE},
    "insights.Observation": {"measure": KEY, "source_key": IDS},
    "insights.Journey": {"type_key": KEY, "tier_key": KEY},
    "insights.CohortSize": {"scope": KEY, "measure": KEY},
    "insights.CohortBin": {"scope": KEY, "measure": KEY, "exit": STATE},
    "insights.FunnelCount": {"scope": KEY, "stage": STATE},
    "plans.Evaluation": {
        "parameters": KEY, "query": KEY, "definition": KEY, "result": STATE,
        "words": "counts; evidence names nobody", "said": "the same in parts", "breaks": WORDS,
        "link": "a page of ours",
    },
    "launches.Wave": {
        "name": WORDS, "quiet": STATE, **dict.fromkeys(("created_by", "sent_by", "undone_by"), IDS),
    },
    "launches.Launch": {"held_by": IDS, "let_go_by": IDS, "held_for": IDS, "locales": IDS},
    "operations.Promotion": {
        "actor_kind": STATE, "actor_id": IDS, "environment": STATE, "changes": COMPANY, "stays": WORDS,
    },
    "operations.Comparison": {
        "actor_kind": STATE, "actor_id": IDS, "environment": STATE, "theirs": DIGEST, "ours": DIGEST, "rows": COMPANY,
        "export": COMPANY,
    },
    "operations.Cutover": {"actor_kind": STATE, "actor_id": IDS, "notes": WORDS, "why": WORDS},
    "plans.DueCheck": {"criterion": KEY},
    "plans.Decision": {
        "gate": KEY, "choice": STATE, "verdict": STATE, "verdict_words": WORDS, "verdict_said": WORDS, "missing": KEY,
    },
    "plans.Plan": {"template_key": KEY, "title": WORDS, "definition": WORDS},
    "plans.Milestone": {"track": KEY, "title": WORDS, "owner": KEY, "deliverable": WORDS},
    "plans.MilestoneCriterion": {"parameters": KEY, "words": WORDS, "result": STATE},
    "plans.RaciRow": {"title": WORDS, "words": WORDS},
    "plans.RaciCell": {"letter": STATE, "holder": STATE},
    "rehearsal.Run": {
        "cause": STATE, "type_key": KEY, "steps": "what robots met, without what they typed", "problem": MACHINE,
    },
    "rehearsal.AwardPageCheck": {"said": WORDS, "address": "of a robot's award", "words": WORDS},
}  # fmt: skip

# Contexts whose tables hold the programme's own material: courses and questions as they were written for everybody.
MATERIAL = {"catalog": "material for everybody, written for the programme"}
