"""Found only where PYTHONPATH counts."""


def answer(number: int) -> int:
    return number + 1
