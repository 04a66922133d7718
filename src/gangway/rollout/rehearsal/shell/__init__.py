"""The shell partner's own side of a rehearsal: identity provider, mailbox, directory and robot learner.

It runs in a process of its own (`python -m gangway.rollout.rehearsal.shell`), speaks HTTP and SMTP with the running
system, and imports nothing of it, so that it can only do what a partner far away could. Lines of JSON on standard
output say where it listens and then what each step came to; one line on standard input says what it needs to know.
"""
