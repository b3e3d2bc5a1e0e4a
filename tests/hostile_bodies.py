"""Bodies that are made to cost more than they weigh: each kind in any size.

A kind makes a request of about so many bytes. Who sends it, and what is measured, is
the business of `costs` and of `benchmarks/hostile`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

JSON: Final = "application/json"
XML: Final = "application/xml"
FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data; boundary=x"
NAMESPACES: Final = 'xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields"'

MOST: Final = 1000
"""Operations in one request, at most."""


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """One request."""

    body: bytes
    path: str = "/events/bulk/"
    method: str = "POST"
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The bytes of the request: its path, headers and body."""
        heads = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        return len(self.path) + len(self.content_type) + heads + len(self.body)


Kind = Callable[[int], Hostile]

KINDS: Final[dict[str, Kind]] = {}
"""Every kind, by its name."""


def kind(make: Kind) -> Kind:
    """Count a function among the kinds."""
    KINDS[make.__name__.replace("_", " ")] = make
    return make


def bulk(*elements: str, path: str = "/events/bulk/", **more: Any) -> Hostile:
    """Return a bulk request in JSON, its elements as they are to be written."""
    return Hostile(path=path, body=f"[{','.join(elements)}]".encode(), **more)


def batch(*operations: str, path: str = "/events/batch/", **more: Any) -> Hostile:
    """Return a batch in JSON, its operations as they are to be written."""
    body = f'{{"operations":[{",".join(operations)}]}}'.encode()
    return Hostile(path=path, body=body, **more)


def xml(inside: str, *, namespaces: str = NAMESPACES, **more: Any) -> Hostile:
    """Return a bulk request in XML."""
    body = f"<m:bulk {namespaces}>{inside}</m:bulk>".encode()
    return Hostile(body=body, content_type=XML, **more)


def item(inside: str, attributes: str = "") -> str:
    """Return one element of a bulk request in XML."""
    return f"<m:item {attributes}>{inside}</m:item>"


def basket(members: str) -> str:
    """Return an order with more members."""
    return f'{{"address":{{"street":"a","city":"b"}},"labels":[],"lines":[],{members}}}'


def spread(size: int, make: Callable[[int], str], *, most: int = MOST) -> list[str]:
    """Return as many texts as fit, made with their places."""
    one = len(make(0).encode()) + 1
    return [make(each) for each in range(max(1, min(most, size // one)))]


MANY: Final = 10**9


# Members, names and keys


@kind
def unknown_members(size: int) -> Hostile:
    members = spread(size, lambda each: f'"{each:06x}":0', most=MANY)
    return batch('{"method":"DELETE","key":1,' + ",".join(members) + "}")


@kind
def few_unknown_members_each(size: int) -> Hostile:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    members = ",".join(f'"{each}":0' for each in letters)
    return batch(*spread(size, lambda _: "{" + members + "}"))


@kind
def unknown_members_of_the_document(size: int) -> Hostile:
    members = spread(size, lambda each: f'"{each:06x}":0', most=MANY)
    return Hostile(
        path="/events/batch/",
        body=('{"operations":[{}],' + ",".join(members) + "}").encode(),
    )


@kind
def long_unknown_member_of_the_document(size: int) -> Hostile:
    body = '{"operations":[{}],"' + "\\u0001" * (size // 6) + '":0}'
    return Hostile(path="/events/batch/", body=body.encode())


@kind
def fields_in_one_object(size: int) -> Hostile:
    members = spread(size, lambda each: f'"{each:06x}":0', most=MANY)
    return bulk("{" + ",".join(members) + "}")


@kind
def fields_in_one_object_in_xml(size: int) -> Hostile:
    members = spread(size, lambda each: f'" {each:05x}":0', most=MANY)
    text = json.dumps("x" * 300)
    return bulk(f'{{"text":{text},' + ",".join(members) + "}", headers={"Accept": XML})


@kind
def long_field_name_in_xml(size: int) -> Hostile:
    body = f'{{"text":{json.dumps("x" * 300)},"{" " * size}":0}}'
    return bulk(body, headers={"Accept": XML})


@kind
def one_key_a_thousand_times(size: int) -> Hostile:
    return batch(*spread(size, lambda _: '{"method":"DELETE","key":7}'))


@kind
def patches_of_one_key(size: int) -> Hostile:
    text = json.dumps("x" * 300)
    make = lambda _: f'{{"method":"PATCH","key":7,"data":{{"text":{text}}}}}'  # noqa: E731
    return batch(*spread(size, make))


@kind
def long_key(size: int) -> Hostile:
    return batch(f'{{"method":"DELETE","key":"{"k" * size}"}}')


@kind
def long_keys(size: int) -> Hostile:
    return bulk(*[f'"{"a" * (size // 300)}{i}"' for i in range(300)], method="DELETE")


@kind
def odd_keys_in_xml(size: int) -> Hostile:
    make = lambda each: f'{{"method":"DELETE","key":"é\\u0001</&{each:04}"}}'  # noqa: E731
    return batch(*spread(size, make), path="/loose/batch/", headers={"Accept": XML})


@kind
def slashes_in_keys(size: int) -> Hostile:
    make = lambda each: f'"{"/" * 40}{each:04}"'  # noqa: E731
    return bulk(*spread(size, make), path="/loose/bulk/", method="DELETE")


@kind
def keys_like_placeholders(size: int) -> Hostile:
    make = lambda each: f'{{"method":"DELETE","key":"bulk/items/{each}{"/-" * 9}"}}'  # noqa: E731
    return batch(*spread(size, make), path="/loose/batch/", headers={"Accept": XML})


@kind
def big_keys(size: int) -> Hostile:
    return bulk(*spread(size, lambda _: "9" * 4200), method="DELETE")


@kind
def long_refs(size: int) -> Hostile:
    make = lambda each: f'{{"method":"DELETE","key":1,"ref":"{each:04}{"&" * 200}"}}'  # noqa: E731
    return batch(*spread(size, make), headers={"Accept": XML})


@kind
def long_ref_twice(size: int) -> Hostile:
    one = f'{{"method":"DELETE","key":1,"ref":"{"x" * (size // 2)}"}}'
    return batch(one, one)


@kind
def if_match_with_many_tags(size: int) -> Hostile:
    tags = ", ".join('\\"a\\"' for _ in range(size // 7))
    return batch(f'{{"method":"DELETE","key":1,"if_match":"{tags}"}}')


@kind
def data_in_deletes(size: int) -> Hostile:
    make = lambda each: f'{{"method":"DELETE","key":{each},"data":{{"a":[0]}}}}'  # noqa: E731
    return batch(*spread(size, make))


# Elements


@kind
def empty_objects(size: int) -> Hostile:
    return bulk(*spread(size, lambda _: "{}"), path="/products/bulk/")


@kind
def empty_objects_of_many_fields(size: int) -> Hostile:
    return bulk(*spread(size, lambda _: "{}"), path="/wide/bulk/")


@kind
def empty_objects_of_many_fields_in_xml(size: int) -> Hostile:
    elements = spread(size, lambda _: "{}")
    return bulk(*elements, path="/wide/bulk/", headers={"Accept": XML})


@kind
def too_many_elements(size: int) -> Hostile:
    return bulk(*spread(size, lambda _: "{}", most=MANY))


@kind
def too_many_elements_in_xml(size: int) -> Hostile:
    return xml("<m:item/>" * (size // 9))


@kind
def elements_that_are_no_objects(size: int) -> Hostile:
    return bulk(*spread(size, lambda _: "0"))


@kind
def unknown_methods(size: int) -> Hostile:
    return batch(*spread(size, lambda _: '{"method":"x"}'))


# Messages


@kind
def errors_of_one_list(size: int) -> Hostile:
    lines = ",".join(["0"] * (size // 2))
    return bulk(f'{{"lines":[{lines}]}}', path="/baskets/bulk/")


@kind
def errors_of_many_lists(size: int) -> Hostile:
    one = f'{{"lines":[{",".join(["0"] * 100)}]}}'
    return bulk(*spread(size, lambda _: one), path="/baskets/bulk/")


@kind
def errors_of_many_lists_in_xml(size: int) -> Hostile:
    one = f'{{"lines":[{",".join(["0"] * 100)}]}}'
    elements = spread(size, lambda _: one)
    return bulk(*elements, path="/baskets/bulk/", headers={"Accept": XML})


@kind
def errors_of_nested_objects(size: int) -> Hostile:
    one = f'{{"inner":[{",".join(["{}"] * 50)}]}}'
    return bulk(*spread(size, lambda _: one), path="/baskets/bulk/")


@kind
def messages_that_echo(size: int) -> Hostile:
    values = ",".join([f'"{"x" * 900}"'] * 20)
    one = basket(f'"size":[{values}]')
    return bulk(*spread(size, lambda _: one), path="/baskets/bulk/")


@kind
def one_long_echo(size: int) -> Hostile:
    return bulk(basket(f'"size":["{"&" * size}"]'), path="/baskets/bulk/")


@kind
def pattern_with_a_long_text(size: int) -> Hostile:
    one = basket(f'"code":"{"a1" * (size // 2)}!"')
    return bulk(one, path="/baskets/bulk/")


@kind
def long_name_before_many_errors(size: int) -> Hostile:
    name, values = "k" * (size // 2), ",".join(['"x"'] * (size // 8))
    one = basket(f'"bags":{{"{name}":[{values}]}}')
    return bulk(one, path="/baskets/bulk/")


@kind
def long_names_before_many_errors(size: int) -> Hostile:
    values = ",".join(['"x"'] * 100)
    one = basket(f'"bags":{{"{"é" * 450}":[{values}]}}')
    return bulk(*spread(size, lambda _: one), path="/baskets/bulk/")


@kind
def long_names_before_many_errors_in_xml(size: int) -> Hostile:
    values = ",".join(['"x"'] * 100)
    one = basket(f'"bags":{{"{"&" * 900}":[{values}]}}')
    elements = spread(size, lambda _: one)
    return bulk(*elements, path="/baskets/bulk/", headers={"Accept": XML})


@kind
def names_of_the_client_in_errors(size: int) -> Hostile:
    one = f'"{" " * 30}x":[]'
    members = spread(size, lambda each: one.replace("x", f"{each:05}"), most=MANY)
    one = f'{{"counts":{{{",".join(members)}}}}}'
    return bulk(one, path="/baskets/bulk/", headers={"Accept": XML})


@kind
def bugs(size: int) -> Hostile:
    return bulk(*spread(size, lambda _: '{"text":"secret"}'), path="/bugs/bulk/")


# Values


@kind
def deep_json(size: int) -> Hostile:
    return Hostile(body=b"[" * size)


@kind
def deep_and_wide_json(size: int) -> Hostile:
    wide = ",".join(["[]"] * (size // 3))
    return bulk(f'{{"text":{"[" * 60}{wide}{"]" * 60}}}')


@kind
def huge_numbers(size: int) -> Hostile:
    return bulk(*spread(size, lambda _: f'{{"text":{"9" * 4000}}}'))


@kind
def number_of_too_many_digits(size: int) -> Hostile:
    return bulk(f'{{"text":{"9" * size}}}')


@kind
def infinite_numbers(size: int) -> Hostile:
    return bulk(*spread(size, lambda _: '{"text":1e400}'))


@kind
def no_numbers(size: int) -> Hostile:
    return bulk(*spread(size, lambda _: '{"text":NaN}'))


@kind
def member_a_thousand_times(size: int) -> Hostile:
    return bulk("{" + ",".join(['"text":"a"'] * (size // 11)) + "}")


@kind
def long_text(size: int) -> Hostile:
    return bulk(f'{{"text":"{"x" * size}"}}')


@kind
def lone_surrogates(size: int) -> Hostile:
    make = lambda _: '{"method":"PATCH","key":"\\ud800","ref":"%s","data":{}}'  # noqa: E731
    return batch(*[make(0) % f"\\udfff{i}" for i in range(len(spread(size, make)))])


@kind
def control_characters(size: int) -> Hostile:
    ref = "\\u0001" * 20
    make = lambda each: f'{{"method":"DELETE","key":"\\u0000","ref":"{ref}{each}"}}'  # noqa: E731
    return batch(*spread(size, make), headers={"Accept": XML})


@kind
def byte_order_marks(size: int) -> Hostile:
    return Hostile(body="\ufeff".encode() * (size // 3) + b"[]")


@kind
def html_page(size: int) -> Hostile:
    make = lambda each: f'{{"method":"DELETE","key":"<http://a.b/\\"{each}"}}'  # noqa: E731
    return batch(*spread(size, make), headers={"Accept": "text/html"})


# XML


@kind
def deep_xml(size: int) -> Hostile:
    return xml(item("<a>" * (size // 7) + "</a>" * (size // 7)))


@kind
def leaves_in_xml(size: int) -> Hostile:
    return xml(item(f"<text>{'<m:item/>' * (size // 9)}</text>"))


@kind
def attributes_in_xml(size: int) -> Hostile:
    return xml(item("", " ".join(spread(size, lambda i: f'a{i:06}=""', most=MANY))))


@kind
def long_namespace_of_many_elements(size: int) -> Hostile:
    inside = item("<u:a/>" * (size // 12))
    return xml(inside, namespaces=f'{NAMESPACES} xmlns:u="{"u" * (size // 2)}"')


@kind
def long_namespace_of_many_attributes(size: int) -> Hostile:
    attributes = " ".join(spread(size // 2, lambda i: f'u:a{i:06}=""', most=MANY))
    namespaces = f'{NAMESPACES} xmlns:u="{"u" * (size // 2)}"'
    return xml(item("", attributes), namespaces=namespaces)


@kind
def namespaces_of_their_own(size: int) -> Hostile:
    make = lambda each: f'<a xmlns="{each:06}"/>'  # noqa: E731
    return xml(item("".join(spread(size, make, most=MANY))))


@kind
def prefixes(size: int) -> Hostile:
    names = spread(size // 2, lambda i: f'xmlns:a{i:06}="u{i:06}"', most=MANY)
    elements = "<a000000:b/>" * (size // 24)
    return xml(item(elements), namespaces=f"{NAMESPACES} {' '.join(names)}")


@kind
def element_names(size: int) -> Hostile:
    return xml(item("".join(spread(size, lambda i: f"<n{i:06}/>", most=MANY))))


@kind
def long_element_name(size: int) -> Hostile:
    return xml(item(f"<{'_x' * (size // 2)}/>"))


@kind
def escapes_in_element_names(size: int) -> Hostile:
    return xml(item(f"<{'_x0026_' * (size // 7)}/>"))


@kind
def fields_in_a_wrong_namespace(size: int) -> Hostile:
    make = lambda i: f'<text xmlns="urn:other{i:06}"/>'  # noqa: E731
    return xml(item("".join(spread(size, make, most=MANY))))


@kind
def comments_in_xml(size: int) -> Hostile:
    return xml(item(f"<text>{'a<!---->' * (size // 8)}</text>"))


@kind
def instructions_in_xml(size: int) -> Hostile:
    return xml(item(f"<text>{'a<?a?>' * (size // 6)}</text>"))


@kind
def sections_in_xml(size: int) -> Hostile:
    return xml(item(f"<text>{'<![CDATA[]]>' * (size // 12)}</text>"))


@kind
def references_in_xml(size: int) -> Hostile:
    return xml(item(f"<text>{'&amp;' * (size // 5)}</text>"))


@kind
def foreign_elements(size: int) -> Hostile:
    return xml(item('<a xmlns="urn:b"/>' * (size // 18)))


@kind
def foreign_elements_of_the_root(size: int) -> Hostile:
    return xml('<a xmlns="urn:b"/>' * (size // 18) + item("<text>a</text>"))


@kind
def mixed_content(size: int) -> Hostile:
    return xml("".join(spread(size, lambda _: item("x<text>a</text>"))))


@kind
def entities(size: int) -> Hostile:
    dtd = f'<!DOCTYPE a [<!ENTITY e "{"x" * (size // 2)}">]>'
    body = f"{dtd}<m:bulk {NAMESPACES}>{'&e;' * (size // 6)}</m:bulk>"
    return Hostile(body=body.encode(), content_type=XML)


# Not in the body


@kind
def many_query_parameters(size: int) -> Hostile:
    query = "&".join(["a"] * min(1000, size // 2))
    return bulk(*spread(size, lambda _: "0"), path=f"/events/bulk/?{query}")


@kind
def bugs_with_many_query_parameters(size: int) -> Hostile:
    query = "&".join(f"{i:x}" for i in range(min(1000, size // 6)))
    elements = spread(size, lambda _: '{"text":"a"}')
    return bulk(*elements, path=f"/bugs/bulk/?{query}")


@kind
def long_preferences(size: int) -> Hostile:
    prefer = ", ".join(['a="\\"'] * (size // 8))
    return bulk('{"text":"a"}', headers={"Prefer": prefer})


@kind
def long_accept(size: int) -> Hostile:
    size = min(size, 8000)
    accept = ", ".join(["a/b;q=1"] * (size // 9))
    return bulk('{"text":"a"}', headers={"Accept": f"{accept}, {JSON}"})


@kind
def long_path_and_many_results(size: int) -> Hostile:
    path = f"/of/{'t' * min(4000, size // 3)}/events/batch/"
    return batch(*spread(size, lambda _: '{"method":"PUT","key":1}'), path=path)


@kind
def long_path_and_many_results_in_xml(size: int) -> Hostile:
    path = f"/of/{quote('&' * min(1300, size // 9), safe='')}/events/bulk/"
    elements = spread(size, lambda _: "0")
    return bulk(*elements, path=path, headers={"Accept": XML})


@kind
def path_just_short_enough(size: int) -> Hostile:
    path = f"/of/{quote('&' * 90, safe='')}/events/bulk/"
    return bulk(*spread(size, lambda _: "0"), path=path, headers={"Accept": XML})


@kind
def compressed(size: int) -> Hostile:
    body = gzip.compress(b'[{"text":"' + b"x" * 100 * size + b'"}]')
    return Hostile(body=body, headers={"Content-Encoding": "gzip"})


@kind
def charset_that_expands(size: int) -> Hostile:
    body = gzip.compress(b"[]" * size)
    return Hostile(body=body, content_type=f"{JSON}; charset=zlib")


@kind
def chunked(size: int) -> Hostile:
    return Hostile(body=b"", headers={"Transfer-Encoding": "chunked"})


@kind
def multipart(size: int) -> Hostile:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    return Hostile(body=part * (size // len(part)), content_type=MULTIPART)


@kind
def form(size: int) -> Hostile:
    return Hostile(body=b"a=b&" * (size // 4), content_type=FORM)


@kind
def form_that_is_xml(size: int) -> Hostile:
    body = xml("<m:item/>" * min(MOST, size // 9)).body
    return Hostile(body=b" " * (size // 2) + body, content_type=FORM)
