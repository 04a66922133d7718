"""Who may learn: everybody, over their own rows, in the scope of their own partner."""

from gangway.kernel.access import Right

LEARN = Right("learning.course.learn", "learns their own courses", own=True)
