"""The reference: Jinja2 as transformers sets it up.

render              JSON lines {template, context} on stdin, {output} or {error} for each on stdout
generate SEED COUNT random templates and contexts with their outcomes, as JSON lines
"""
import json
import random
import signal
import sys
from datetime import datetime

import jinja2
import jinja2.ext
from jinja2.sandbox import SandboxedEnvironment


class GenerationTag(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


ENVIRONMENT = SandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[GenerationTag, "jinja2.ext.loopcontrols"])
ENVIRONMENT.filters["tojson"] = tojson
ENVIRONMENT.globals["raise_exception"] = raise_exception
ENVIRONMENT.globals["strftime_now"] = lambda text: datetime(2026, 11, 22, 9, 5, 7).strftime(text)


def give_up(signal_number, frame):
    raise TimeoutError("The template does not end.")


def render(template, context):
    # The reference has no limit: a loop over a list that it inserts into goes on for ever. Ours refuses such a template.
    signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, 5)
    try:
        return {"output": ENVIRONMENT.from_string(template).render(**json.loads(context))}
    except RecursionError:
        return {"error": "RecursionError"}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


class Generator:
    NAMES = ["a", "b", "s", "n", "f", "xs", "d", "items", "messages", "flag", "none_value", "missing"]
    TEXTS = ["", "a", "abc", "Hello World", " x ", "a,b,,c", "line\\nbreak\\n", "it's", 'say \\"hi\\"', "\\u00fc\\u4f60", "\\U0001f389z", "<b>&", "<|im_end|>", "42", "-7", "3.5", "True", "\\\\", "{}", "%s"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *choices):
        return self.random.choice(choices)

    def text(self):
        quote = self.pick("'", '"')
        text = self.pick(*self.TEXTS)
        if quote == "'":
            text = text.replace("'", "\\'").replace('\\"', '"')
        return quote + text + quote

    def number(self):
        return self.pick("0", "1", "2", "3", "7", "-1", "-2", "10", "1.0", "0.5", "2.5", "1e20", "1e-7", "100", "12345678901234567890", "1_000")

    def name(self, scope):
        return self.random.choice(scope)

    def expression(self, depth, scope):
        if depth <= 0:
            kind = self.random.randrange(7)
            if kind == 0:
                return self.text()
            if kind == 1:
                return self.number()
            if kind == 2:
                return self.pick("true", "false", "none", "[]", "{}", "()", "True", "None")
            return self.name(scope)
        sub = lambda: self.expression(depth - 1 - self.random.randrange(2), scope)
        kind = self.random.randrange(21)
        if kind == 0:
            return f"{sub()} {self.pick('+', '-', '*', '/', '//', '%')} {sub()}"
        if kind == 1:
            return f"{sub()} {self.pick('==', '!=', '<', '<=', '>', '>=', 'in', 'not in')} {sub()}"
        if kind == 2:
            return f"{sub()} {self.pick('and', 'or')} {sub()}"
        if kind == 3:
            return f"({sub()})"
        if kind == 4:
            return f"not {sub()}"
        if kind == 5:
            return f"{sub()} ~ {sub()}"
        if kind == 6:
            return f"({sub()} if {sub()} else {sub()})" if self.random.random() < .8 else f"({sub()} if {sub()})"
        if kind == 7:
            return "[" + ", ".join(sub() for _ in range(self.random.randrange(4))) + "]"
        if kind == 8:
            return "{" + ", ".join(f"{self.pick(self.text(), self.number())}: {sub()}" for _ in range(self.random.randrange(3))) + "}"
        if kind == 9:
            return f"{self.name(scope)}{self.pick('.a', '.b', '.role', '.content', '[0]', '[-1]', '.0', '[1]')}"
        if kind == 10:
            bounds = [self.pick("", "", "1", "-1", "2", "0", "-3") for _ in range(2)]
            step = self.pick("", "", ":1", ":-1", ":2", ":-2")
            return f"({sub()})[{bounds[0]}:{bounds[1]}{step}]"
        if kind in (11, 12, 13, 14):
            return f"{self.filtered(sub())}"
        if kind == 15:
            return f"({sub()} is {self.pick('', 'not ')}{self.test(sub)})"
        if kind in (16, 17):
            return self.method(sub)
        if kind == 18:
            return f"{self.pick('-', '+')}{self.pick(self.number(), self.name(scope))}"
        if kind == 19:
            return f"{self.pick('range', 'dict', 'namespace')}({self.pick('', '3', '1, 5', '0, 9, 3', 'a=1', '5, 0, -2')})"
        return f"({sub()})({self.pick('', '1')})" if self.random.random() < .1 else f"{sub()} < {sub()} < {sub()}"

    def filtered(self, subject):
        name = self.pick(
            "length", "upper", "lower", "title", "capitalize", "trim", "trim('x ')", "string", "tojson", "tojson(indent=2)", "tojson(ensure_ascii=true)",
            "tojson(separators=(',', ':'))", "tojson(sort_keys=true)", "list", "join(', ')", "join", "first", "last", "sort", "sort(reverse=true)", "unique|list", "reverse|list",
            "default('d')", "default('d', true)", "int", "int(5)", "float", "abs", "round", "round(1)", "round(1, 'floor')", "replace('a', 'bb')", "replace('', '-', 2)",
            "dictsort", "items|list", "map('upper')|list", "map(attribute='a')|list", "select|list", "reject|list", "select('string')|list", "selectattr('a')|list",
            "rejectattr('a', 'defined')|list", "selectattr('role', 'equalto', 'user')|list", "map('int')|join('/')", "min", "max", "sum", "batch(2)|list", "batch(2, 'z')|list", "slice(2)|list", "indent", "indent(2, true)",
            "indent(1, blank=true)", "wordcount", "center(9)", "truncate(5)", "truncate(6, true, '!')", "safe", "escape", "count", "urlencode", "groupby('a')", "string|length", "tojson|length", "list|length", "format(1)", "map(attribute='a', default=0)|list",
            "sort(attribute='a')", "sum(attribute='a')", "d(1)", "filesizeformat", "striptags", "e", "forceescape", "select('in', [1, 'a'])|list", "reject('none')|list")
        return f"({subject})|{name}" if self.random.random() < .5 else f"{subject}|{name}"

    def test(self, sub):
        return self.pick(
            "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "true", "false", "mapping", "sequence", "iterable", "callable",
            "odd", "even", "divisibleby(2)", "divisibleby 3", f"in {'[1, 2]'}", "upper", "lower", "eq(1)", "equalto('a')", "ne 1", "lt(3)", "ge(1)", f"sameas(none)", "gt 0")

    def method(self, sub):
        subject = self.pick("s", "'A b c'", "'x,y'", "xs", "d", f"({sub()})")
        return f"{subject}." + self.pick(
            "strip()", "lstrip('a')", "rstrip()", "split()", "split(',')", "split('b', 1)", "rsplit(None, 1)", "splitlines()", "upper()", "lower()", "title()", "capitalize()", "swapcase()",
            "startswith('a')", "endswith(('c', 'd'))", "find('b')", "rfind('b')", "index('b')", "count('a')", "replace('a', 'b')", "replace('b', '', 1)", "join(['1', '2'])", "partition(' ')", "rpartition(' ')",
            "get('a')", "get('zz', 1)", "items()|list", "keys()|list", "values()|list", "items()", "keys()", "copy()", "append(1)", "pop()", "pop('a')", "isdigit()", "isalpha()", "isalnum()", "isspace()", "isupper()", "islower()", "istitle()",
            "center(9, '*')", "ljust(5)", "rjust(5, '0')", "zfill(5)", "removeprefix('a')", "removesuffix('c')", "format(1, a=2)", "expandtabs(4)", "casefold()", "index(1)", "count(1)", "insert(0, 2)", "extend([1])", "reverse()", "update(q=1)", "setdefault('q', 2)")

    def tag(self, text, kind="%"):
        left = self.pick("", "", "-", "", "+" if kind == "%" else "")
        right = self.pick("", "", "-", "+" if kind == "%" else "")
        ends = {"%": ("{%", "%}"), "{": ("{{", "}}"), "#": ("{#", "#}")}[kind]
        return f"{ends[0]}{left} {text} {right}{ends[1]}"

    def data(self):
        return self.pick("", "", " ", "\n", "\n\n", "  \n", "text", " text\n", "\t", "a\n  ", "\n  b", "{ }", "# ")

    def body(self, depth, scope, in_loop=False):
        scope = list(scope)
        return "".join(self.data() + self.statement(depth, scope, in_loop) for _ in range(1 + self.random.randrange(3))) + self.data()

    def statement(self, depth, scope, in_loop):
        expression = lambda size=2: self.expression(self.random.randrange(size + 1), scope)
        kind = self.random.randrange(18 if depth > 0 else 7)
        if kind < 4:
            return self.tag(expression(3), "{")
        if kind == 4:
            return self.tag("a comment", "#")
        if kind == 5:
            name = self.pick("v", "w", "a", "s", "xs")
            text = self.tag(f"set {name} = {expression()}")
            scope.append(name)
            return text
        if kind == 6:
            if in_loop and self.random.random() < .5:
                return self.tag(f"if {expression()}") + self.tag(self.pick("break", "continue")) + self.tag("endif")
            return self.pick("{{ ns.x }}", "{% set ns.x = 1 %}", "{% set ns.x = ns.x ~ 'i' %}", "{{ loop.index }}", "{% set v, w = 1, 2 %}", "{% set v, w = xs %}", "{% raw %}{{ a }}{% endraw %}")
        if kind in (7, 8, 9):
            text = self.tag(f"if {expression()}") + self.body(depth - 1, scope, in_loop)
            if self.random.random() < .4:
                text += self.tag(f"elif {expression()}") + self.body(depth - 1, scope, in_loop)
            if self.random.random() < .5:
                text += self.tag("else") + self.body(depth - 1, scope, in_loop)
            return text + self.tag("endif")
        if kind in (10, 11, 12):
            target = self.pick("i", "i", "k, v", "a", "m")
            source = self.pick("xs", "items", "messages", "d.items()", "d", "range(3)", expression(), "xs[::-1]", "s", "none_value or []")
            test = f" if {self.expression(1, scope + ['i', 'm'])}" if self.random.random() < .25 else ""
            inner = scope + [name.strip() for name in target.split(",")] + self.pick([], ["loop.index", "loop.first", "loop.last", "loop.previtem", "loop.nextitem", "loop.length", "loop.revindex", "loop.cycle(1, 2)", "loop.changed(i)", "loop.depth"])
            text = self.tag(f"for {target} in {source}{test}") + self.body(depth - 1, inner, True)
            if self.random.random() < .3:
                text += self.tag("else") + self.body(depth - 1, scope, in_loop)
            return text + self.tag("endfor")
        if kind == 13:
            parameters = self.pick("", "p", "p, q=1", "p='x', q=none", "q=a")
            inner = scope + ["p", "q"] + self.pick([], ["varargs", "kwargs", "caller()", "caller is defined"])
            text = self.tag(f"macro m({parameters})") + self.body(depth - 1, inner) + self.tag("endmacro")
            scope.append("m(" + self.pick("", "1", "1, 2", "q=3", "p=1, q=2", "1, 2, 3", "z=1") + ")")
            return text
        if kind == 14:
            return self.tag("set v") + self.body(depth - 1, scope, in_loop) + self.tag("endset") + "{{ v }}" if self.random.random() < .7 else \
                self.tag("set v | upper") + self.body(depth - 1, scope) + self.tag("endset") + "{{ v }}"
        if kind == 15:
            return self.tag(f"with v = {expression()}, w = {expression()}") + self.body(depth - 1, scope + ["v", "w"], in_loop) + self.tag("endwith")
        if kind == 16:
            return self.tag(f"filter {self.pick('upper', 'trim', 'replace(' + chr(39) + 'a' + chr(39) + ', ' + chr(39) + 'b' + chr(39) + ')', 'trim | length', 'indent(2)')}") + self.body(depth - 1, scope) + self.tag("endfilter")
        return self.pick(
            self.tag("macro box(t)") + "[{{ t }}:{{ caller() }}]" + self.tag("endmacro") + self.tag(f"call box({expression()})") + self.body(depth - 1, scope) + self.tag("endcall"),
            self.tag("generation") + self.body(depth - 1, scope) + self.tag("endgeneration"),
            self.tag("for i in [[1, [2]], 3] recursive") + "({{ loop.depth }}:{% if i is sequence %}{{ loop(i) }}{% else %}{{ i }}{% endif %})" + self.tag("endfor"))

    def template(self):
        return self.pick("", "{% set ns = namespace(x=0) %}", "{% set ns = namespace(x='') %}\n") + self.body(2, self.NAMES)

    def value(self, depth):
        kind = self.random.randrange(9 if depth > 0 else 6)
        if kind == 0:
            return None
        if kind == 1:
            return self.random.random() < .5
        if kind == 2:
            return self.pick(0, 1, 2, -3, 42, 12345678901234567890)
        if kind == 3:
            return self.pick(0.0, 1.0, -2.5, 1e16, 1e-5, 0.1, 3.14159)
        if kind in (4, 5):
            return self.pick("", "a", "abc", "Hello World", " padded ", "a\nb", "it's \"q\"", "\u00fc\u4f60\U0001f389", "<|im_end|>", "7", "x,y", "\u00df\u0130")
        if kind in (6, 7):
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        return {self.pick("a", "b", "c", "role", "items"): self.value(depth - 1) for _ in range(self.random.randrange(4))}

    def context(self):
        roles = [{"role": self.pick("user", "assistant", "system", "tool"), "content": self.pick("hi", "", None, "a b", [{"type": "text", "text": "t"}])} for _ in range(self.random.randrange(4))]
        return {
            "a": self.value(2), "b": self.value(1), "s": self.pick("abc", "", " A b ", "a,b,c", "\u00e9\U0001f600!"), "n": self.pick(0, 1, 5, -2), "f": self.pick(0.5, 2.0, -1.25),
            "xs": [self.value(1) for _ in range(self.random.randrange(4))], "d": {self.pick("a", "b", "B", "zz"): self.value(1) for _ in range(self.random.randrange(4))},
            "items": [{"a": self.pick(1, 2, 3, "x"), "role": "user"} for _ in range(self.random.randrange(4))], "messages": roles, "flag": self.random.random() < .5, "none_value": None}


def is_comparable(outcome):
    # Addresses of objects are no part of the language, nor are sets of Python's own attributes.
    text = outcome.get("output", "")
    return not any(mark in text for mark in (" object at 0x", "<built-in", "<bound method", "<function", "<Macro", "<class", "<LoopContext", "<Namespace", "lipsum"))


if __name__ == "__main__":
    if sys.argv[1] == "render":
        for line in sys.stdin:
            case = json.loads(line)
            print(json.dumps(render(case["template"], case["context"])), flush=True)
    else:
        generator = Generator(int(sys.argv[2]))
        made = 0
        while made < int(sys.argv[3]):
            template, context = generator.template(), json.dumps(generator.context())
            outcome = render(template, context)
            if is_comparable(outcome):
                made += 1
                print(json.dumps({"template": template, "context": context, **outcome}))
