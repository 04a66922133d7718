"""What happens in the demo world, and when: days count from the Monday of the kickoff week."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Learner:
    """address; the day they come in; how many of the four lessons they finish; whether they take and pass the check."""

    address: str
    day: int
    lessons: int
    check: str = ""  # "", "passed", "failed" or "failed then passed"


KICKOFF_CAME = ("sven@acme.example", "priya@acme.example", "dee@acme.example", "tom@acme.example")
COURSE_ON = 8
LEAD = "priya@acme.example"
ADMINS_ON = {"nordwind": 9, "suedstern": 9, "brightwater": 10, "kestrel": 17}  # when each admin is written to
ADMINS_CAME = (("ben@nordwind.example", 10), ("eva@suedstern.example", 10), ("marcus@brightwater.example", 11))
TEAMS_ON = {"nordwind": 11, "suedstern": 11, "brightwater": 11, "kestrel": 17}
FIRST_WAVE = ("Wave 1: where we began", 15, ("nordwind", "suedstern", "brightwater"))
SECOND_WAVE = ("Wave 2", 18, ("kestrel",))
STUCK = "sofia@nordwind.example"
WRONG_ADDRESS = "piotr@nordwind.example"  # the file of people spells it wrong, so his letter comes back
LEARNERS = (
    Learner("ben@nordwind.example", 15, 4, "passed"),
    Learner("ana@nordwind.example", 15, 2),
    Learner("jonas@nordwind.example", 16, 4, "passed"),
    Learner("lena@nordwind.example", 16, 4, "failed then passed"),
    Learner("mehmet@nordwind.example", 17, 1),
    Learner("clara@nordwind.example", 18, 0),
    Learner("eva@suedstern.example", 16, 4, "passed"),
    Learner("caz@suedstern.example", 17, 3),
    Learner("lukas@suedstern.example", 17, 4, "failed"),
    Learner("yusuf@suedstern.example", 18, 4, "passed"),
    Learner("marcus@brightwater.example", 18, 1),
    Learner("wei@brightwater.example", 19, 4, "failed"),
)
RACI = (  # row, letter, address of the member of staff
    ("sponsor", "R", "priya@acme.example"),
    ("sponsor", "A", "sven@acme.example"),
    ("content", "R", "tom@acme.example"),
    ("content", "A", "priya@acme.example"),
    ("platform", "R", "dee@acme.example"),
    ("platform", "A", "dee@acme.example"),
)
BASELINES = (  # KPI, prior value, where it is from
    ("activation", 0.41, "Sign-ins to the old portal within 30 days of the invitation, last quarter"),
    ("completion-30", 0.18, "Course completions in the old portal, last quarter"),
)
PORTFOLIO = (("priya@acme.example", ("nordwind", "suedstern")), ("dee@acme.example", ("brightwater",)))
MISTAKEN = (  # pasted on the second day, and taken back: Nordwind was there already
    {"slug": "nordwind-gmbh", "name": "Nordwind GmbH", "type": "reseller", "tier": "silver"},
    {"slug": "nordwind-austria", "name": "Nordwind Austria", "parent": "nordwind-gmbh"},
)
CONTACT = ("nordwind", "ben@nordwind.example", "sponsor")
DOMAIN = ("nordwind", "ben@nordwind.example", "nordwind.example", 11)
CONTACT_NAME = "Ben Hartmann"
ATTESTED = (  # day, milestone, who says so, why it may be believed
    (
        3,
        "charter",
        "sven@acme.example",
        "Signed on paper on Wednesday; the scan lies in the sales folder.",
    ),
    (4, "inventory", "tom@acme.example", "41 documents listed in the content workspace, each with an owner."),
    (9, "audit", "tom@acme.example", "14 kept, 9 repurposed, 18 retired; reviewed with product marketing."),
    (11, "intake", "dee@acme.example", "The reseller form came back complete from Nordwind on Thursday."),
    (17, "scope", "sven@acme.example", "Scope and calendar agreed in the sponsor meeting."),
)
GROUP = ("nordwind", "sales-engineers", "Sales engineers", ("ana@nordwind.example", "jonas@nordwind.example"))
HOLIDAY = ("lena@nordwind.example", "partner_it")  # stands in for two weeks
FILES = (  # who brings it, where, its name, its rows, whether it was started
    (
        "ben@nordwind.example",
        "desk",
        "groups.csv",
        "email,groups\nana@nordwind.example,sales\njonas@nordwind.example,sales;support\nlena@nordwind.example,support\n",
        True,
    ),
    (
        "dee@acme.example",
        "console",
        "spring.csv",
        "partner,name,email,role,groups\nsuedstern,Nora Winter,nora@suedstern.example,,sales\n"
        "suedstern,Ole Brandt,ole@suedstern.example,,support\nbrightwater,Grace Obi,grace@brightwater.example,,\n"
        "suedstern,Eva,eva@suedstern.example,,sales\nsuedstern,Without Address,,,\n",
        False,
    ),
)
WAYS_IN = (  # in words, address, partner: whom `make run` lets in at once
    ("As a learner", "ana@nordwind.example", "nordwind"),
    ("As a partner admin", "ben@nordwind.example", "nordwind"),
    ("As the channel team", "dee@acme.example", "acme"),
)
