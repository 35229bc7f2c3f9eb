"""Reads every documented example of a JSON answer into the models of datamodel-code-generator: python3 FILE DOCUMENT."""

import sys

import models
import yaml
from pydantic import ValidationError


def fits(model, value):
    """Tells if a model takes the value."""
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True


document = yaml.safe_load(open(sys.argv[1]))
read = 0
for operations in document["paths"].values():
    for operation in operations.values():
        for response in operation["responses"].values():
            for content in response.get("content", {}).values():
                schemas = content["schema"].get("oneOf", [content["schema"]])
                kinds = [getattr(models, schema["$ref"].rsplit("/", 1)[1]) for schema in schemas]
                for example in content.get("examples", {}).values():
                    fitting = [kind for kind in kinds if fits(kind, example["value"])]
                    assert len(fitting) == 1, (fitting, example)
                    read += 1
print(f"{read} answers read")
