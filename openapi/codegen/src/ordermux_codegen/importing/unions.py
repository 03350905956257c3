"""Unions: told apart where the document says how, and made wider where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .flattening import says_form
from .nodes import MARK, Node, unescaped

if TYPE_CHECKING:
    from .schemas import Schema, Schemas

DEEPEST = 5
"""How deep unlike objects are made one, before a member of them is any value."""
FORMS = ("description", "deprecated", "readOnly", "writeOnly", "default")


class Unions:
    """Makes unions of what is used."""

    def __init__(self, schemas: Schemas) -> None:
        """Take what makes components of their members."""
        self.schemas = schemas
        self._kinds: dict[str, list[Node]] | None = None

    def union(self, flat: Node) -> Schema:
        """Return a schema with `oneOf` or `anyOf`."""
        name = "oneOf" if flat.get("oneOf") else "anyOf"
        if flat.get("oneOf") and flat.get("anyOf"):
            self._lose(flat, "`anyOf` is left out", "it stands beside `oneOf`; more values fit")
        members = [member for member in flat.list_of(name) if member.get("type") != "null"]
        beside = flat.without("oneOf", "anyOf", "discriminator")
        if not any(says_form(member) for member in members):
            if any(set(member) for member in members):
                self._lose(flat, f"`{name}` is left out", "conditions between members are not compiled")
            return self.schemas.form(beside)
        if says_form(beside) and (set(beside) & {"properties", "required", "enum", "items", "additionalProperties"}):
            members = [member.made("and", {"allOf": [member, beside]}) for member in members]
        return self.of(members, flat)

    def of(self, members: list[Node], whole: Node) -> Schema:
        """Return a union of some schemas."""
        if len(members) == 1 and {"oneOf", "anyOf"} & set(only := self.schemas.flat(members[0])):
            return self.schemas.body(only)
        found = [flat for flat in self._expanded(members, frozenset({whole.at})) if not _is_null(flat)]
        found = list({flat.at: flat for flat in found}.values())
        if not found:
            self._lose(whole, "the union is any value", "it has no member but itself and null")
            return {}
        if len(found) == 1:
            return self.schemas.body(found[0])
        discriminator = whole.get("discriminator")
        if isinstance(discriminator, Node) and discriminator.text("propertyName"):
            tags = self._mapped(found, discriminator)
            key = discriminator.text("propertyName")
        else:
            tags, key = self.pinned(found, required=True)
        if key and (tagged := self.tagged(tags, key, whole)):
            return tagged
        return self._by_form(found, whole)

    def of_kinds(self, flat: Node) -> Schema | None:
        """Return the union of what is made of a schema with a discriminator by `allOf`; None where nothing is."""
        discriminator = flat.node("discriminator")
        key, mapping = discriminator.text("propertyName"), discriminator.node("mapping")
        tags = [(value, self._target(str(target), discriminator)) for value, target in mapping.items()]
        if not tags:
            tags = [(_last(kind.at), kind) for kind in self._made_of(flat.at)]
        flats = [(value, self.schemas.flat(node)) for value, node in tags if node is not None]
        return self.tagged(flats, key, flat) if flats and key else None

    def _made_of(self, at: str) -> list[Node]:
        if self._kinds is None:
            self._kinds = {}
            for _, schema in self.schemas.document.node("components").nodes("schemas"):
                for part in schema.list_of("allOf"):
                    if str(part.get("$ref")).startswith("#/"):
                        self._kinds.setdefault(part["$ref"], []).append(schema)
        return self._kinds.get(at, [])

    def _expanded(self, members: list[Node], above: frozenset[str]) -> list[Node]:
        """Return the members with those of unions inside of them in their place."""
        found: list[Node] = []
        for member in members:
            flat = self.schemas.flat(member)
            inner = [*flat.list_of("oneOf"), *flat.list_of("anyOf")]
            if flat.at in above:
                continue
            if not inner:
                kinds = self.schemas.kinds(flat)
                several = len(kinds) > 1 and kinds != ["integer", "number"]
                found += [flat.made(kind, {**flat, "type": kind}) for kind in kinds] if several else [flat]
            elif set(flat) & {"properties", "required"} and any(says_form(part) for part in inner):
                beside = flat.without("oneOf", "anyOf", "discriminator")
                parts = [part.made("and", {"allOf": [part, beside]}) for part in inner]
                found += self._expanded(parts, above | {flat.at})
            elif any(says_form(part) for part in inner):
                found += self._expanded(inner, above | {flat.at})
            else:
                found.append(flat.without("oneOf", "anyOf"))
        return found

    def _mapped(self, members: list[Node], discriminator: Node) -> list[tuple[str, Node]]:
        key, mapping = discriminator.text("propertyName"), discriminator.node("mapping")
        values: dict[str, list[str]] = {}
        for value, target in mapping.items():
            if (node := self._target(str(target), discriminator)) is not None:
                values.setdefault(self.schemas.flat(node).at, []).append(value)
        said = [(member, values.get(member.at) or self._pins(member, key)) for member in members]
        return [(value, member) for member, each in said for value in each or [_last(member.at)]]

    def _target(self, target: str, discriminator: Node) -> Node | None:
        reference = target if "/" in target or "#" in target else f"#/components/schemas/{target}"
        references = self.schemas.references
        if references.exists(reference, discriminator):
            return references.follow_alone(references.target(reference, discriminator))
        self._lose(discriminator, f"the mapping to {target!r} is left out", "it leads to nothing")
        return None

    def pinned(self, members: list[Node], *, required: bool) -> tuple[list[tuple[str, Node]], str]:
        """Return how members are told by a property that each pins to other values than the rest, and its name.

        `required` tells whether each has to require it, too. The name is empty where there is no such property.
        """
        for key in members[0].node("properties"):
            tags = [(value, member) for member in members for value in self._pins(member, key)]
            told = all(self._pins(member, key) for member in members)
            sure = not required or all(key in member.items_of("required") for member in members)
            if told and sure and len({value for value, _ in tags}) == len(tags):
                return tags, key
        return [], ""

    def _pins(self, member: Node, key: str) -> list[str]:
        node = member.node("properties").get(key)
        flat = self.schemas.flat(node) if isinstance(node, Node) else Node({}, "")
        words = [flat["const"]] if "const" in flat else flat.items_of("enum")
        return [str(word) for word in words] if words and all(isinstance(word, str) for word in words) else []

    def tagged(self, tags: list[tuple[str, Node]], key: str, whole: Node) -> Schema | None:
        """Return a union that a property tells apart, by its values; None where it does not."""
        members = [member for _, member in tags]
        if len({value for value, _ in tags}) < len(tags):
            self._lose(whole, "the discriminator is left out", f"one value of {key!r} stands for two members")
            return None
        if len(tags) == 1 or any(self.schemas.kinds(member) not in (["object"], []) for member in members):
            return None
        if any(not member.node("properties") for member in members):
            return None
        mapping = {value: self._member(member, key, value) for value, member in tags}
        return {
            "oneOf": [{"$ref": name} for name in mapping.values()],
            "discriminator": {"propertyName": key, "mapping": mapping},
        }

    def _member(self, flat: Node, key: str, value: str) -> str:
        """Return the key of a member that says by a property which one it is."""
        name = f"{flat.at.partition(MARK)[0]}{MARK}{key}={value}"
        if MARK in flat.at:
            name = f"{flat.at}{MARK}{key}={value}"
        if name not in self.schemas.components:
            self.schemas.components[name] = {}
            body = self.schemas.object(flat)
            old = body["properties"].get(key, {})
            pin: Schema = {"type": "string", "const": value}
            body["properties"][key] = pin | {text: old[text] for text in ("description",) if text in old}
            body["required"] = sorted({*body.get("required", ()), key})
            text = flat.text("description") or flat.text("title")
            self.schemas.components[name] = {**body, **({"description": text} if text else {})}
        return name

    def _by_form(self, members: list[Node], whole: Node) -> Schema:
        """Return a union of what is of another form in JSON each, members of one form made one."""
        bodies = [(member, self.schemas.body(member)) for member in members]
        forms: dict[str, list[tuple[Node, Schema]]] = {}
        for member, body in bodies:
            for form in dict.fromkeys(self.schemas.kinds(member) if "$ref" in body else self._forms(body)):
                forms.setdefault(form, []).append((member, body))
        if "any" in forms:
            self._lose(whole, "the union is any value", "one of its members is any value")
            return {}
        if any("$ref" in body for parts in forms.values() for _, body in parts if len(parts) > 1):
            self._lose(whole, "the union is any value", "it is a member of itself, and cannot be told from another one")
            return {}
        if "number" in forms and "integer" in forms:
            forms["number"] += forms.pop("integer")
        if "number" in forms and "string" in forms:
            self._lose(whole, "the union is any value", "a decimal number beside a text cannot be told from it")
            return {}
        parts = [self._one(form, parts, whole) for form, parts in forms.items()]
        if len(parts) == 1:
            return parts[0]
        return {"oneOf": [self._part(form, part, whole) for form, part in zip(forms, parts, strict=True)]}

    def _part(self, form: str, part: Schema, whole: Node) -> Schema:
        if "$ref" in part or not {"enum", "properties", "additionalProperties", "oneOf"} & set(part):
            return part if "array" not in str(part.get("type")) else self._lifted(part, whole, form)
        return self._lifted(part, whole, form)

    def _lifted(self, part: Schema, whole: Node, form: str) -> Schema:
        key = f"{whole.at}{MARK}{form}"
        self.schemas.components.setdefault(key, part)
        return {"$ref": key}

    def _forms(self, body: Schema) -> list[str]:
        if "oneOf" in body:
            return [form for member in body["oneOf"] for form in self._forms(self.resolved(member))]
        kind = body.get("type")
        return [str(kind)] if kind else ["any"]

    def resolved(self, used: Schema) -> Schema:
        """Return the component that is referred to."""
        while "$ref" in used:
            used = self.schemas.components[used["$ref"]]
        return used

    def _one(self, form: str, parts: list[tuple[Node, Schema]], whole: Node) -> Schema:
        """Return what takes all values of some schemas that have one form in JSON."""
        if len(parts) == 1:
            member, body = parts[0]
            is_object = form == "object" and not {"oneOf", "$ref"} & set(body)
            return {"$ref": self._kept(member, body)} if is_object else body
        if form == "object":
            return self._object([body for _, body in parts], whole)
        if form == "array":
            items = [body["items"] for _, body in parts]
            joined = items[0]
            for other in items[1:]:
                joined = self._joined(joined, other, f"{whole.at}{MARK}items")
            if is_any(joined):
                self._lose(whole, "the lists are lists of anything", "a union of lists whose items differ")
            return {"type": "array", "items": joined}
        plain = parts[0][1]
        for _, other in parts[1:]:
            plain = self._scalar(plain, other)
        if any("enum" in body for _, body in parts):
            self._lose(whole, "the words are told less exactly", "a union of texts cannot be told apart")
        return plain

    def _kept(self, member: Node, body: Schema) -> str:
        self.schemas.components.setdefault(member.at, body)
        return member.at

    @staticmethod
    def _scalar(one: Schema, other: Schema) -> Schema:
        if "enum" in one and "enum" in other and one["type"] == "string":
            return {"type": "string", "enum": list(dict.fromkeys([*one["enum"], *other["enum"]]))}
        if bare(one) == bare(other):
            return one
        form = {"type": one["type"]}
        return form | {"format": "decimal"} if one["type"] == "number" else form

    def _object(self, bodies: list[Schema], whole: Node) -> Schema:
        """Return one object with the members of all, each as wide as it has to be."""
        flat: list[Schema] = []
        for body in bodies:
            flat += [self.resolved(member) for member in body["oneOf"]] if "oneOf" in body else [body]
        flat = [body for body in flat if body.get("type") == "object"]
        if any("properties" not in body for body in flat):
            self._lose(whole, "the union is an object of any members", "a map cannot be told from another object")
            return {"type": "object", "additionalProperties": {}}
        self._lose(whole, "the union is one object with the members of all", "nothing tells them apart")
        return self._merged(flat, whole.at)

    def _merged(self, bodies: list[Schema], at: str) -> Schema:
        members: dict[str, Schema] = {}
        for body in bodies:
            for name, used in body["properties"].items():
                joined = self._joined(members[name], used, f"{at}{MARK}{name}") if name in members else used
                if name in members and is_any(joined) and not is_any(members[name]) and not is_any(used):
                    self.schemas.ledger.lose(at, f"the member {name!r} is any value", "it is another one in each kind")
                members[name] = joined
        required = {name for name in members if all(name in body.get("required", ()) for body in bodies)}
        return {"type": "object", "properties": members, **({"required": sorted(required)} if required else {})}

    def _joined(self, one: Schema, other: Schema, at: str) -> Schema:
        """Return what takes the values of two schemas inside of others; `at` is the key of what has to be made."""
        if bare(one) == bare(other):
            return one
        described = {name: one[name] for name in ("description",) if name in one}
        left, right = self.resolved(one), self.resolved(other)
        nulls = {"null"} & {*_types(left), *_types(right)}
        kinds = {*_types(left), *_types(right)} - nulls
        if len(kinds) == 1 and kinds <= {"string", "integer", "boolean"}:
            kind = kinds.pop()
            form: Schema = {"type": [kind, "null"] if nulls else kind}
            secret = {left.get("format"), right.get("format")} == {"password"}
            form |= {"format": "password"} if secret else {}
            return form | described
        if kinds == {"array"} and not nulls:
            return {"type": "array", "items": self._joined(left["items"], right["items"], at), **described}
        objects = [*self._objects(left), *self._objects(right)]
        if at.count(MARK) < DEEPEST and self._objects(left) and self._objects(right):
            self.schemas.components.setdefault(at, {})
            self.schemas.components[at] = self._merged(objects, at)
            return {"$ref": at, **described}
        return described

    def _objects(self, schema: Schema) -> list[Schema]:
        """Return the objects that a schema is, one or several of a union; none where it may be something else."""
        found = [self.resolved(member) for member in schema.get("oneOf", [schema])]
        return found if all(each.get("type") == "object" and "properties" in each for each in found) else []

    def _lose(self, node: Node, what: str, why: str) -> None:
        self.schemas.ledger.lose(node.at, what, why)


def is_any(schema: Schema) -> bool:
    """Return whether a schema takes any value, or is a list of any values."""
    return not bare(schema) or (schema.get("type") == "array" and is_any(schema["items"]))


def bare(schema: Schema) -> Schema:
    """Return a schema without its texts."""
    return {name: value for name, value in schema.items() if name not in FORMS}


def _types(schema: Schema) -> list[str]:
    kind = schema.get("type")
    return [kind] if isinstance(kind, str) else list(kind or ("any",))


def _is_null(flat: Node) -> bool:
    return flat.get("type") in ("null", ["null"])


def _last(at: str) -> str:
    return unescaped(at.partition(MARK)[0].rpartition("/")[2])
