"""What the robots do, in order: brought, invited, in by each door, taught, certified, taken away, out of each door."""

import re
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from gangway.rollout.rehearsal.shell.brief import Brief
from gangway.rollout.rehearsal.shell.browser import Browser, Page
from gangway.rollout.rehearsal.shell.learning import take_check, take_lessons
from gangway.rollout.rehearsal.shell.mailbox import Mailbox
from gangway.rollout.rehearsal.shell.provider import Provider
from gangway.rollout.rehearsal.shell.steps import Asked, Step, Task, Unexpected, walk

INVITATION = re.compile(r"https?://\S+/invitation/[\w-]+")
LINK = re.compile(r"https?://\S+/sign-in/link/[\w-]+")
CODE = re.compile(r"\b(\d{3})\s?(\d{3})\b")
VERIFY = re.compile(r"/verify/([A-Z0-9-]{8,40})$")
SCIM = "application/scim+json"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LOOK_AGAIN_SECONDS = 0.2


class Walk:
    """One walk through a running system, with a mailbox and an identity provider that are listening already."""

    def __init__(self, brief: Brief, mailbox: Mailbox, provider: Provider) -> None:
        self.brief, self.mailbox, self.provider = brief, mailbox, provider
        self._browsers: list[Browser] = []
        self.directory = self.browser()
        self.first, self.second, self.by_mail = self.browser(), self.browser(), self.browser()
        self.ids: list[str] = []
        self.invitations: list[str] = []
        self.unspent = ("", "")  # the link and the code of a letter that nobody used
        self.number = ""

    def tasks(self) -> list[Task]:
        """Every step; what a later one rests on stands beside it."""
        learned = ("scim_create", "sign_in_oidc", "lesson", "check", "award")
        left = ("scim_create", "leave")
        return [
            Task("reach", self.reach),
            Task("scim_create", self.scim_create, ("reach",)),
            Task("scim_scope", self.scim_scope, ("reach", "scim_create")),
            Task("invitation", self.invitation, ("scim_create",)),
            Task("fallback_refused", self.fallback_refused, ("invitation",)),
            Task("sign_in_oidc", self.sign_in_oidc, ("scim_create",)),
            Task("sign_in_saml", self.sign_in_saml, ("scim_create",)),
            Task("primary_fails", self.primary_fails, ("sign_in_oidc",)),
            Task("fallback_opens", self.fallback_opens, ("fallback_refused", "primary_fails")),
            Task("lesson", self.lesson, learned[:2]),
            Task("check", self.check, learned[:3]),
            Task("award", self.award, learned[:4]),
            Task("verify", self.verify, learned),
            Task("reminder", self.reminder, learned),
            Task("leave", self.leave, ("scim_create",)),
            Task("door_session", self.door_session, (*left, "sign_in_oidc", "sign_in_saml")),
            Task("door_link", self.door_link, (*left, "fallback_opens")),
            Task("door_sso", self.door_sso, (*left, "sign_in_oidc", "sign_in_saml")),
            Task("door_scim", self.door_scim, left),
            Task("door_course", self.door_course, (*left, "sign_in_oidc")),
        ]

    def run(self, say: Callable[[Step], None]) -> list[Step]:
        """Walk; `say` hears of each step at once."""
        try:
            return walk(self.tasks(), say, self.last)
        finally:
            for browser in self._browsers:
                browser.close()

    def browser(self) -> Browser:
        self._browsers.append(Browser())
        return self._browsers[-1]

    def last(self) -> Asked | None:
        """The request that was made last, by whichever browser."""
        return max(self._browsers, key=lambda one: one.asked_at).last

    def at(self, path: str) -> str:
        return f"{self.brief.address}{path}"

    # ---------------------------------------------------------------- coming

    def reach(self) -> None:
        page = self.directory.get(self.at("/healthz"))
        page.must(page.status == 200, "status 200: the system answers at its address")

    def scim_create(self) -> None:
        for number, mail in enumerate(self.brief.robots, 1):
            page = self._scim("POST", "/Users", self._user(number, mail))
            page.must(page.status == 201, "status 201: the directory's person is made")
            self.ids.append(str(page.answer.json()["id"]))

    def _user(self, number: int, mail: str) -> dict[str, object]:
        return {
            "schemas": [USER],
            "userName": mail,
            "externalId": mail,
            "active": True,
            "name": {"givenName": "Robot", "familyName": f"Learner {number}"},
            "displayName": f"Robot Learner {number}",
            "emails": [{"value": mail, "type": "work", "primary": True}],
        }

    def scim_scope(self) -> None:
        """The token reaches the shell's own people, all of them, and nobody else's."""
        page = self._scim("GET", "/Users")
        page.must(page.status == 200, "status 200: the people of the directory")
        found = sorted(str(row["id"]) for row in page.answer.json()["Resources"])
        page.must(found == sorted(self.ids), "the two robots and nobody else")
        self._not_theirs()

    def _not_theirs(self) -> None:
        page = self._scim("GET", f"/Users/{self.brief.foreign}")
        page.must(page.status == 404, "status 404: somebody of another partner is unknown here")

    def invitation(self) -> None:
        for mail in self.brief.robots:
            letters = self.mailbox.wait(mail, 1, self.brief.patience)
            found = INVITATION.search(letters[0].text) if letters else None
            if found is None:
                raise self._no_letter("an invitation")
            self.invitations.append(found.group())
        page = self.first.get(self.invitations[0])
        page.must(page.status == 200, "status 200: the invitation's page")
        page.must(self._leads_to_provider(page), "the invitation leads to the company's own sign-in")

    def _no_letter(self, what: str) -> Unexpected:
        within = f"within {self.brief.patience:g} s of the worker, which sends it"
        return Unexpected(f"a letter with {what} {within}", Asked("SMTP", "mailbox"))

    def _leads_to_provider(self, page: Page) -> bool:
        return urlsplit(self.brief.oidc).path in {urlsplit(link).path for link in page.links()}

    def fallback_refused(self) -> None:
        """While the provider is well, an invitation sends no code, and asking for one by address brings no letter."""
        robot = self.browser()
        door = robot.get(self.at("/sign-in"))
        door.must(door.status == 200, "status 200: the sign-in page")
        pressed = robot.post(self.invitations[0], door.hidden())
        pressed.must(pressed.status == 200 and not pressed.onward, "no code is sent: the company's own sign-in is well")
        asked = self._ask_by_mail(robot)
        asked.must(urlsplit(asked.url).path == "/sign-in/code", "the same page as for anybody who asks for a code")

    def _ask_by_mail(self, robot: Browser) -> Page:
        door = robot.get(self.at("/sign-in"))
        fields = {"email": self.brief.robots[0], "by": "mail"}
        return robot.follow(robot.submit(door, fields, to="/sign-in"))

    # ---------------------------------------------------------------- in

    def sign_in_oidc(self) -> None:
        self.provider.openid.user = {
            "sub": self.brief.robots[0],
            "email": self.brief.robots[0],
            "name": "Robot Learner 1",
        }
        self._in(self.first, self.first.follow(self.first.get(self.brief.oidc)))

    def sign_in_saml(self) -> None:
        self.provider.saml.subject = self.brief.robots[1]
        self._in(self.second, self._by_saml(self.second))

    def _by_saml(self, robot: Browser) -> Page:
        """To the provider, and its answer posted back to where it says."""
        theirs = robot.follow(robot.get(self.brief.saml))
        forms = [form.get("action") for form in theirs.tree.iter("form") if form.get("action")]
        theirs.must(theirs.status == 200 and len(forms) == 1, "the provider's form, with its signed answer")
        return robot.follow(robot.post(str(forms[0]), theirs.hidden()))

    def _in(self, robot: Browser, page: Page) -> None:
        """Signed in, and past the welcome."""
        page.must(page.status == 200 and page.path == "/welcome", "signed in, and welcomed")
        typed = {"name": page.tree.xpath("string(//input[@name='name']/@value)"), "locale": "en", "zone": "UTC"}
        home = robot.follow(robot.submit(page, typed, to="/welcome"))
        home.must(home.status == 200 and home.path == "/", "the start page")

    def primary_fails(self) -> None:
        """The token endpoint is out of order, which is a failure that counts. Until then no code was sent."""
        if self._came() > 1:
            raise Unexpected("no code by mail while the company's own sign-in is well", Asked("SMTP", "mailbox"))
        self.provider.broken = True
        robot = self.browser()
        page = robot.follow(robot.get(self.brief.oidc))
        page.must(page.status == 502, "status 502: the company's own sign-in does not answer, with a number")

    def fallback_opens(self) -> None:
        """A code by mail opens. One asked for while the provider was well may come before it, from a worker that was
        behind; its code opens nothing in this browser."""
        came = self._came()
        self._ask(self.by_mail)
        landed = self._typed(self._letter(came))
        if landed.status == 400:
            landed = self._typed(self._letter(came + 1))
        landed.must(landed.status == 200 and landed.path in ("/", "/welcome"), "signed in by the code from the letter")
        came = self._came()
        self._ask(self.browser())
        self.unspent = self._letter(came)
        self.provider.broken = False

    def _came(self) -> int:
        return len(self.mailbox.letters(self.brief.robots[0]))

    def _ask(self, robot: Browser) -> None:
        asked = self._ask_by_mail(robot)
        asked.must(urlsplit(asked.url).path == "/sign-in/code", "the page where the code is typed")

    def _letter(self, place: int) -> tuple[str, str]:
        """Link and code of the letter that comes after so many others."""
        letters = self.mailbox.wait(self.brief.robots[0], place + 1, self.brief.patience)
        text = f"{letters[place].subject}\n{letters[place].text}" if len(letters) > place else ""
        code, link = CODE.search(text), LINK.search(text)
        if code is None or link is None:
            raise self._no_letter("a code and a link")
        return link.group(), "".join(code.groups())

    def _typed(self, letter: tuple[str, str]) -> Page:
        page = self.by_mail.get(self.at("/sign-in/code"))
        return self.by_mail.follow(self.by_mail.submit(page, {"code": letter[1]}, to="/sign-in/code"))

    # ---------------------------------------------------------------- learning

    def lesson(self) -> None:
        take_lessons(self.first, self.brief)

    def check(self) -> None:
        take_check(self.first, self.brief)

    def award(self) -> None:
        """The certificate, which comes by itself a moment later."""
        pause, page = threading.Event(), self.first.get(self.at("/certificates"))
        for _ in range(max(1, round(self.brief.patience / LOOK_AGAIN_SECONDS))):
            found = [match for link in page.links() if (match := VERIFY.search(link))]
            if found:
                self.number = found[0].group(1)
                return
            pause.wait(LOOK_AGAIN_SECONDS)
            page = self.first.get(self.at("/certificates"))
        page.must(False, f"a certificate with a number within {self.brief.patience:g} s of the worker, which issues it")

    def verify(self) -> None:
        """As a stranger would: without a session. A number that nobody holds is unknown."""
        stranger = self.browser()
        made_up = self.number[:-1] + ("0" if self.number[-1] != "0" else "1")
        page = stranger.get(self.at(f"/verify/{made_up}"))
        page.must('data-state="proven"' not in page.text, "a made-up number is not valid")
        page = stranger.get(self.at(f"/verify/{self.number}"))
        page.must(page.status == 200 and 'data-state="proven"' in page.text, "the public page says valid")
        page.must(self.number in page.text and self.brief.title in page.text, "number and title")
        page.must("Robot Learner" not in page.text, "no name: its holder never agreed")

    def reminder(self) -> None:
        """The letter that says when the certificate ends. For a robot its day is brought forward, not the end."""
        pause = threading.Event()
        for _ in range(max(1, round(self.brief.patience / LOOK_AGAIN_SECONDS))):
            letters = self.mailbox.letters(self.brief.robots[0])
            if any(self.number in letter.text and self.brief.title in letter.subject for letter in letters):
                return
            pause.wait(LOOK_AGAIN_SECONDS)
        raise self._no_letter("the number of the certificate, which says when it ends,")

    # ---------------------------------------------------------------- out

    def leave(self) -> None:
        gone = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": False}]}
        for person in self.ids:
            page = self._scim("PATCH", f"/Users/{person}", gone)
            page.must(page.status in (200, 204), "status 200 or 204: the directory took them away")

    def door_session(self) -> None:
        for robot in (self.first, self.second, self.by_mail):
            self._shut(robot.get(self.at("/courses")))

    def door_link(self) -> None:
        """Neither the letter's link with its code nor the invitation lets anybody in."""
        link, code = self.unspent
        robot = self.browser()
        door = robot.get(self.at("/sign-in"))
        page = robot.follow(robot.post(link, {**door.hidden(), "code": code}))
        page.must(page.status in (404, 410), "status 404 or 410: the link opens nothing")
        self._shut(robot.get(self.at("/courses")))
        page = robot.get(self.invitations[0])
        page.must(page.status == 404, "status 404: the invitation opens nothing")

    def door_sso(self) -> None:
        self.provider.broken = False  # an earlier step may have failed before it mended that
        by_oidc, by_saml = self.browser(), self.browser()
        page = by_oidc.follow(by_oidc.get(self.brief.oidc))
        page.must(page.status == 403, "status 403: the company's own sign-in lets a leaver in no more")
        self._shut(by_oidc.get(self.at("/courses")))
        page = self._by_saml(by_saml)
        page.must(page.status == 403, "status 403: the company's own sign-in lets a leaver in no more")
        self._shut(by_saml.get(self.at("/courses")))

    def door_scim(self) -> None:
        """The directory sees both as gone, and still nobody of another partner."""
        for person in self.ids:
            page = self._scim("GET", f"/Users/{person}")
            page.must(page.status == 200 and page.answer.json()["active"] is False, "the person, not active")
        self._not_theirs()

    def door_course(self) -> None:
        """A course that stood open in the leaver's browser: neither read on nor answered."""
        course = f"/courses/{self.brief.course}"
        for path in (course, f"{course}/lessons/{self.brief.lessons[0]}", f"{course}/check", "/certificates"):
            self._shut(self.first.get(self.at(path)))
        door = self.first.get(self.at("/sign-in"))
        self._shut(self.first.post(self.at(f"{course}/check"), door.hidden()))

    def _shut(self, page: Page) -> None:
        """Sent to the sign-in, or told no."""
        turned = bool(page.onward) and urlsplit(page.onward).path == "/sign-in"
        page.must(turned or page.status in (401, 403), "no session: sent to the sign-in")

    def _scim(self, method: str, path: str, value: object = None) -> Page:
        headers = {"Authorization": f"Bearer {self.brief.scim_token}", "Accept": SCIM}
        url = self.at(f"/scim/v2{path}")
        if value is None:
            return self.directory.get(url, headers=headers)
        return self.directory.send(method, url, value, {**headers, "Content-Type": SCIM})
