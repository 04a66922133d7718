"""SAML 2.0, our side of it: foreign words, turned into ours at the sill.

What a provider says of itself (`metadata`, fetched by `fetching`, kept by `telling`), what we ask it (`requests`), and
what its answer proves (`verification`, over `documents` and `signatures`, with the library's second opinion in
`opinion`).
"""
