"""The learner's pages: a course (P5), a lesson (P6), its knowledge check (P7) and the result (P8)."""
