"""C11 and C12: the courses, and the editor of one."""
