"""The JSON Schema of the table as it is written, for editors: read off the models, so the two agree."""

from typing import Any

from evidence_cli.table.models import Table

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema, draft 2020-12. A key that may be left out may also stand there without a value."""
    schema = Table.model_json_schema(mode="validation")
    cleaned: dict[str, Any] = _clean(schema)
    return {"$schema": DIALECT, "title": "evcli: config/indicators.yaml", **cleaned}


def _clean(node: Any) -> Any:
    if isinstance(node, list):
        return [_clean(item) for item in node]
    if not isinstance(node, dict):
        return node
    cleaned = {key: _clean(value) for key, value in node.items() if not _noise(key, value)}
    properties = cleaned.get("properties")
    if isinstance(properties, dict):
        required = cleaned.get("required", [])
        cleaned["properties"] = {
            name: value if name in required else _nullable(value) for name, value in properties.items()
        }
    return cleaned


def _noise(key: str, value: Any) -> bool:
    # Titles that pydantic makes up from Python names say nothing; a property named `title` is a dict.
    return (key == "title" and isinstance(value, str)) or key == "default"


def _nullable(value: dict[str, Any]) -> dict[str, Any]:
    options = value.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        return value
    described = {"description": value["description"]} if "description" in value else {}
    inner = {key: item for key, item in value.items() if key != "description"}
    return {"anyOf": [inner, {"type": "null"}], **described}
