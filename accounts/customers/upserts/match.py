"""What staged lines would do: which account, which buyer, which fields.

Sets ``action`` on every staged row that is not set aside already:

    create   no such account or buyer yet
    change   some field would be different; ``before`` and ``after`` hold them
    same     nothing to do
    refused  cannot be taken (`refusals` says why)
    folded   an earlier line speaks for the same account or buyer
"""

from django.db import connection

from . import sql
from .span import Span

_NOT_ASIDE = (
    "s.action IS DISTINCT FROM 'folded' AND s.action IS DISTINCT FROM 'refused'"
)


def _created(key: str) -> str:
    """Inserted by `write` a moment ago; before that, "create" comes without an id."""
    return f"(s.action IS NOT DISTINCT FROM 'create' AND s.{key} IS NOT NULL)"


_ACCOUNTS_NOW = sql.columns_of("a", sql.ACCOUNT)
_BUYERS_NOW = sql.columns_of("b", sql.BUYER)
_BUYER_SHOWN = {name: sql.BUYER[name] for name in sql.SHOWN_OF_BUYER}
_BUYER_SHOWN_NOW = sql.columns_of("b", _BUYER_SHOWN)

_FOUND_ACCOUNTS = f"""
    WITH found AS (
        SELECT s.id, a.id AS account_id,
            {sql.row(sql.ACCOUNT)} IS DISTINCT FROM {sql.row(_ACCOUNTS_NOW)} AS differs,
            {sql.as_json(sql.ACCOUNT)} AS later,
            {sql.as_json(_ACCOUNTS_NOW)} AS now
        FROM customers_stagedaccount s
        JOIN customers_account a ON a.number_key = s.number_key
        WHERE {{span}} AND {_NOT_ASIDE} AND NOT {_created("account_id")}
    )
    UPDATE customers_stagedaccount s SET
        account_id = found.account_id,
        action = CASE WHEN differs THEN 'change' ELSE 'same' END,
        before = CASE WHEN differs THEN {sql.only_different("now", "later")} END,
        after = CASE WHEN differs THEN {sql.only_different("later", "now")} END
    FROM found WHERE found.id = s.id
"""  # noqa: S608 - put together from constants, values bound

_MISSING_ACCOUNTS = f"""
    UPDATE customers_stagedaccount s SET
        action = CASE WHEN s.name IS NULL THEN 'refused' ELSE 'create' END
    WHERE {{span}} AND {_NOT_ASIDE} AND NOT EXISTS (
        SELECT 1 FROM customers_account a WHERE a.number_key = s.number_key
    )
"""  # noqa: S608 - likewise

# The account of a staged buyer is that of the line which speaks for the account.
_ACCOUNT_OF_BUYERS = f"""
    UPDATE customers_stagedbuyer s SET
        account_id = of.account_id,
        action = CASE WHEN of.action = 'refused' THEN 'refused' END
    FROM customers_stagedaccount of
    WHERE {{span}} AND {_NOT_ASIDE}
      AND of.stage = s.stage AND of.number_key = s.number_key
      AND of.action <> 'folded'
"""  # noqa: S608 - likewise

_FOUND_BUYERS = f"""
    WITH found AS (
        SELECT s.id, b.id AS buyer_id, by_id.id <> by_email.id AS of_two,
            {sql.row(sql.BUYER)} IS DISTINCT FROM {sql.row(_BUYERS_NOW)} AS differs,
            {sql.as_json(_BUYER_SHOWN)} AS later,
            {sql.as_json(_BUYER_SHOWN_NOW)} AS now
        FROM customers_stagedbuyer s
        LEFT JOIN customers_buyer by_id
            ON by_id.account_id = s.account_id
            AND by_id.external_id = s.external_id AND by_id.external_id <> ''
        LEFT JOIN customers_buyer by_email
            ON by_email.account_id = s.account_id
            AND by_email.email_key = s.email_key AND by_email.email_key <> ''
        JOIN customers_buyer b ON b.id = coalesce(by_id.id, by_email.id)
        WHERE {{span}} AND {_NOT_ASIDE} AND s.account_id IS NOT NULL
          AND NOT {_created("buyer_id")}
    )
    UPDATE customers_stagedbuyer s SET
        buyer_id = found.buyer_id,
        action = CASE WHEN of_two THEN 'refused'
                      WHEN differs THEN 'change' ELSE 'same' END,
        before = CASE WHEN differs THEN {sql.only_different("now", "later")} END,
        after = CASE WHEN differs THEN {sql.only_different("later", "now")} END
    FROM found WHERE found.id = s.id
"""  # noqa: S608 - likewise

_MISSING_BUYERS = f"""
    UPDATE customers_stagedbuyer s SET action = 'create'
    WHERE {{span}} AND {_NOT_ASIDE} AND s.buyer_id IS NULL
"""  # noqa: S608 - likewise


def match(span: Span) -> None:
    """Say for every line what it would do, as things stand."""
    match_accounts(span)
    match_buyers(span)


def match_accounts(span: Span) -> None:
    _run(span, _FOUND_ACCOUNTS, _MISSING_ACCOUNTS)


def match_buyers(span: Span) -> None:
    _run(span, _ACCOUNT_OF_BUYERS, _FOUND_BUYERS, _MISSING_BUYERS)


def match_buyers_found(span: Span) -> None:
    """Only those that are there by now: somebody else was quicker."""
    _run(span, _FOUND_BUYERS)


def _run(span: Span, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(span=span.where), span.values())
