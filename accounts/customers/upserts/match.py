"""What staged lines would do: which account, which buyer, which fields.

Sets ``action`` on every staged row that is not set aside already:

    create   no such account or buyer yet
    change   some field would be different; ``before`` and ``after`` hold them
    same     nothing to do
    refused  cannot be taken: an account without a name, a buyer of such an account,
             an id of one buyer with the address of another
    folded   an earlier line speaks for the same account or buyer
"""

from django.db import connection

from . import sql
from .span import Span

_NOT_ASIDE = "(s.action IS NULL OR s.action NOT IN ('folded', 'refused'))"


def _created(key: str) -> str:
    """Inserted by `write` a moment ago; before that, "create" comes without an id."""
    return f"(s.action IS NOT DISTINCT FROM 'create' AND s.{key} IS NOT NULL)"


_ACCOUNTS_NOW = sql.columns_of("a", sql.ACCOUNT)
_BUYERS_NOW = sql.columns_of("b", sql.BUYER)
_SHOWN = {name: sql.BUYER[name] for name in sql.SHOWN_OF_BUYER}

_MATCH_ACCOUNTS = f"""
    UPDATE customers_stagedaccount s
    SET account_id = found.account_id, action = found.verdict
    FROM (
        SELECT s.id, a.id AS account_id, CASE
            WHEN a.id IS NULL AND s.name IS NULL THEN 'refused'
            WHEN a.id IS NULL THEN 'create'
            WHEN {sql.row(sql.ACCOUNT)} IS DISTINCT FROM {sql.row(_ACCOUNTS_NOW)}
                THEN 'change'
            ELSE 'same' END AS verdict
        FROM customers_stagedaccount s
        LEFT JOIN customers_account a ON a.number_key = s.number_key
        WHERE {{span}} AND {_NOT_ASIDE} AND NOT {_created("account_id")}
    ) AS found
    WHERE found.id = s.id
"""  # noqa: S608 - put together from constants, values bound

_MATCH_BUYERS = f"""
    UPDATE customers_stagedbuyer s
    SET account_id = found.account_id, buyer_id = found.buyer_id,
        action = found.verdict
    FROM (
        SELECT s.id, of.account_id, b.id AS buyer_id, CASE
            WHEN of.action = 'refused' THEN 'refused'
            WHEN by_id.id <> by_email.id THEN 'refused'
            WHEN b.id IS NULL THEN 'create'
            WHEN {sql.row(sql.BUYER)} IS DISTINCT FROM {sql.row(_BUYERS_NOW)}
                THEN 'change'
            ELSE 'same' END AS verdict
        FROM customers_stagedbuyer s
        JOIN customers_stagedaccount of
            ON of.stage = s.stage AND of.number_key = s.number_key
            AND of.action <> 'folded'
        LEFT JOIN customers_buyer by_id
            ON by_id.account_id = of.account_id
            AND by_id.external_id = s.external_id AND by_id.external_id <> ''
        LEFT JOIN customers_buyer by_email
            ON by_email.account_id = of.account_id
            AND by_email.email_key = s.email_key AND by_email.email_key <> ''
        LEFT JOIN customers_buyer b ON b.id = coalesce(by_id.id, by_email.id)
        WHERE {{span}} AND {_NOT_ASIDE} AND NOT {_created("buyer_id")}
    ) AS found
    WHERE found.id = s.id
"""  # noqa: S608 - likewise


def _tell(
    table: str, key: str, rows: str, later: dict[str, str], now: dict[str, str]
) -> str:
    """Only of the few that change: what they were, and what they will be."""
    return f"""
        UPDATE customers_staged{table} s SET
            before = {sql.only_different("found.now", "found.later")},
            after = {sql.only_different("found.later", "found.now")}
        FROM (
            SELECT s.id, {sql.as_json(later)} AS later, {sql.as_json(now)} AS now
            FROM customers_staged{table} s
            JOIN customers_{table} {rows} ON {rows}.id = s.{key}
            WHERE {{span}} AND s.action = 'change'
        ) AS found
        WHERE found.id = s.id
    """  # noqa: S608 - likewise


_TELL_ACCOUNTS = _tell("account", "account_id", "a", sql.ACCOUNT, _ACCOUNTS_NOW)
_TELL_BUYERS = _tell("buyer", "buyer_id", "b", _SHOWN, sql.columns_of("b", _SHOWN))


def match(span: Span) -> None:
    """Say for every line what it would do, as things stand."""
    match_accounts(span)
    match_buyers(span)


def match_accounts(span: Span) -> None:
    _run(span, _MATCH_ACCOUNTS, _TELL_ACCOUNTS)


def match_buyers(span: Span) -> None:
    _run(span, _MATCH_BUYERS, _TELL_BUYERS)


def _run(span: Span, *statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(span=span.where), span.values())
