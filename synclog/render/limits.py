"""A Jinja sandbox in which a template can neither reach out nor run away.

Templates come with a cloned workspace, so they are someone else's program. Besides Jinja's own sandbox, which keeps
them from Python's inside, everything that a template can repeat or grow is counted here: steps, not seconds, so that a
template fails on every machine or on none. What differs from one run to the next (random choice) is not there at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.runtime import Undefined, markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

MAX_STEPS = 100_000
MAX_TEXT = 1_000_000
_MAX_NUMBER = 10**12
_MAX_WIDTH = 1_000

# Filters and methods that give no more than they take, or whose growth is checked below.
_FILTERS = frozenset(
    "abs capitalize count d default dictsort e escape first float forceescape groupby int items join last length list "
    "lower map max min reject rejectattr replace reverse round safe select selectattr sort string striptags sum title "
    "trim truncate unique upper wordcount".split()
)
_METHODS = frozenset(
    "capitalize casefold count endswith find get index isalnum isalpha isdecimal isdigit isoformat items keys lower "
    "lstrip partition removeprefix removesuffix rpartition rsplit rstrip split splitlines startswith strftime strip "
    "title upper values".split()
)
_BUILT_IN = (str, bytes, int, float, complex, list, tuple, dict, set, frozenset)


class LimitedEnvironment(ImmutableSandboxedEnvironment):
    """The sandbox. `begin` must be called before each rendering; it gives back the steps."""

    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))

    def __init__(self, **options: Any) -> None:
        super().__init__(undefined=StrictUndefined, optimized=False, **options)
        self.filters = {name: self._checked(made) for name, made in self.filters.items() if name in _FILTERS}
        self.filters["replace"] = self._checked(_replace)
        self.filters["join"] = self._checked(_join)
        self.filters["_counted"] = self._counted
        self.filters["_joined"] = self._joined
        self.filters["_captured"] = self._checked(_captured)
        self.globals = {name: self.globals[name] for name in ("range", "dict", "namespace")}
        self._steps = 0

    def begin(self) -> None:
        """Forget the steps of an earlier rendering."""
        self._steps = 0

    def charge(self, steps: int) -> None:
        """Count `steps`; raises SecurityError when a rendering has had its share."""
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise SecurityError("it does not come to an end: too many steps")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Of built-in values only methods that can't grow; of others what Jinja's sandbox allows."""
        if isinstance(obj, _BUILT_IN):
            return attr in _METHODS and super().is_safe_attribute(obj, attr, value)
        return super().is_safe_attribute(obj, attr, value)

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Every call of a template comes through here."""
        __self.charge(1)
        return _sized(super().call(__context, __obj, *args, **kwargs))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic; what would make long texts or endless numbers is refused before it is done."""
        self.charge(1)
        if operator in ("*", "**") and not (_is_number(left) and _is_number(right)):
            raise SecurityError(f"`{operator}` is for numbers")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("`%` is for numbers; texts are joined with `~`")
        if operator == "**" and abs(right) > 40:
            raise SecurityError("the exponent is too large")
        return _sized(super().call_binop(context, operator, left, right))

    def get_template(self, name: Any, parent: Any = None, globals: Any = None) -> Any:
        """Including costs steps: a template that includes itself twice must end too."""
        self.charge(10)
        return super().get_template(name, parent, globals)

    def select_template(self, names: Any, parent: Any = None, globals: Any = None) -> Any:
        """As `get_template`."""
        self.charge(10)
        return super().select_template(names, parent, globals)

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        """Compile; loops, `~` and `{% set %}` blocks, which Jinja can't be asked to intercept, become filters."""
        return super()._generate(_Counting(self).visit(source), *args, **kwargs)

    def _checked(self, made: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(made)
        def checked(*args: Any, **kwargs: Any) -> Any:
            self.charge(1)
            return _sized(made(*args, **kwargs))

        return checked

    def _counted(self, items: Any) -> Any:
        """What a loop runs over, its length charged before."""
        if isinstance(items, Undefined):
            return items
        known = items if hasattr(items, "__len__") else list(self._each(items))
        self.charge(1 + len(known))
        return known

    def _each(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self.charge(1)
            yield item

    def _joined(self, first: Any, *rest: Any) -> Any:
        self.charge(1)
        join = markup_join if any(isinstance(part, Markup) for part in (first, *rest)) else str_join
        return _sized(join((first, *rest)))


class _Counting(NodeTransformer):
    """Wraps what grows or repeats into this module's filters."""

    def __init__(self, environment: LimitedEnvironment) -> None:
        self._environment = environment

    def _wrapped(self, node: nodes.Node, name: str, value: Any, rest: list[Any] | None = None) -> nodes.Filter:
        made = nodes.Filter(value, name, rest or [], [], None, None, lineno=node.lineno)
        made.set_environment(self._environment)
        return made

    def visit_For(self, node: nodes.For) -> nodes.Node:
        if node.recursive:
            raise TemplateSyntaxError("recursive loops are not available", node.lineno)
        self.generic_visit(node)
        node.iter = self._wrapped(node, "_counted", node.iter)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return self._wrapped(node, "_joined", node.nodes[0], list(node.nodes[1:]))

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:
        self.generic_visit(node)
        node.filter = self._wrapped(node, "_captured", node.filter)
        return node


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or type(value).__name__ == "Decimal"


def _sized(value: Any) -> Any:
    if isinstance(value, str | bytes | list | tuple) and len(value) > MAX_TEXT:
        raise SecurityError("a text or list is too long")
    if isinstance(value, int) and abs(value) > _MAX_NUMBER:
        raise SecurityError("a number is too large")
    return value


def _captured(value: Any) -> Any:
    return value


def _replace(text: Any, old: str, new: str) -> Any:
    text = text if isinstance(text, str) else str(text)
    if len(text) + text.count(old) * max(0, len(new) - len(old)) > MAX_TEXT:
        raise SecurityError("a text is too long")
    return text.replace(old, new)


def _join(items: Iterable[Any], between: str = "") -> Any:
    parts = list(items)
    if any(isinstance(part, Undefined) for part in parts):
        str(next(part for part in parts if isinstance(part, Undefined)))  # says which name it is
    texts = [part if isinstance(part, str) else str(part) for part in parts]
    if sum(map(len, texts)) + len(between) * len(texts) > MAX_TEXT:
        raise SecurityError("a text is too long")
    if any(isinstance(part, Markup) for part in (between, *texts)):
        return escape(between).join(texts)
    return between.join(texts)
