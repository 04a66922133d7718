"""What the benchmark, the house and the peer call the same."""

BEARER = "PEER_TOKEN"  # the name of the variable
PIECE = 1_000  # people in one transaction


def user_name(number: int) -> str:
    return f"person{number}@directory.example"
