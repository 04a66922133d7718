"""The robot learner: it reads every lesson and answers every question by the words of the right choices."""

from urllib.parse import urlsplit

from gangway.rollout.rehearsal.shell.brief import Brief
from gangway.rollout.rehearsal.shell.browser import Browser, Page

MOST_QUESTIONS = 50


def take_lessons(robot: Browser, brief: Brief) -> None:
    """Begin the course, open and finish each lesson."""
    course = f"{brief.address}/courses/{brief.course}"
    page = robot.get(course)
    page.must(page.status == 200 and brief.title in page.text, "the page of the course")
    begun = robot.submit(page, {}, to=f"/courses/{brief.course}/begin")
    begun.must(bool(begun.onward), "the first lesson, once it was begun")
    for lesson in brief.lessons:
        page = robot.get(f"{course}/lessons/{lesson}")
        page.must(page.status == 200, "status 200: the lesson")
        done = robot.submit(page, {})
        done.must(bool(done.onward), "the way on, once the lesson is finished")


def take_check(robot: Browser, brief: Brief) -> None:
    """Start the check, answer, hand in; passed."""
    page = robot.get(f"{brief.address}/courses/{brief.course}/check")
    page.must(page.status == 200, "status 200: the check")
    page = robot.follow(robot.submit(page, {}))
    for _ in range(MOST_QUESTIONS):
        if urlsplit(page.url).path.endswith("/hand-in"):
            break
        page.must(page.status == 200, "a question")
        page = robot.follow(robot.submit(page, {"answer": _right(page, brief)}))
    page.must(page.path.endswith("/hand-in"), "the answers at a glance")
    result = robot.follow(robot.submit(page, {}))
    heading = " ".join(result.tree.xpath("string(//h1)").split())
    result.must(result.path.endswith("/result") and heading.startswith("You passed"), "the result: passed")


def _right(page: Page, brief: Brief) -> list[str]:
    """The values of the choices whose words are right."""
    found = []
    for label in page.tree.iter("label"):
        for box in label.iter("input"):
            if box.get("name") == "answer" and " ".join(label.text_content().split()) in brief.answers:
                found.append(str(box.get("value")))
    page.must(bool(found), "a choice that is one of the right answers")
    return found
