"""Documents people have already, turned into files of a course at the sill: bytes in, a folder's files out.

`folder.folder_of` is the way in. Nothing here touches disk, network or database; types are judged by content.
"""
