"""What a deployment in the emulator can't show, so that nobody takes a passed run for more than it is.

Each was seen with MiniStack 1.5.33. Resources that it does not take at all stand in `template.NOT_SUPPORTED`, and what is
changed for its sake in `template.CHANGES`.
"""

CANNOT_SHOW = [
    "conditions on dynamodb:LeadingKeys: a role's statement holds for the whole table",
]
