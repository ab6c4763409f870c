"""Between JSON and the types that annotations name.

What is plain JSON passes untouched: nothing is converted that JSON can say, so ``"5"`` never becomes 5. Loaded only for tasks whose
annotations name something else, or whose values are something else.
"""
