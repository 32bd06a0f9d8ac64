"""Which changes of a delivery's state there are.

The database refuses every other one, even from a shell (migration 0002): a message
that was sent can never be planned again.
"""

from collections.abc import Mapping

from campaigns.sequences.models import Delivery

_State = Delivery.State

TRANSITIONS: Mapping[_State, frozenset[_State]] = {
    _State.PLANNED: frozenset({_State.CLAIMED, _State.SKIPPED}),
    # Back, when the claim's lease ran out or its campaign was paused; failed, when
    # the message cannot be composed.
    _State.CLAIMED: frozenset(
        {_State.PLANNED, _State.SENDING, _State.SKIPPED, _State.FAILED}
    ),
    # Planned and skipped only for what provably did not reach the provider.
    _State.SENDING: frozenset(
        {
            _State.SENT,
            _State.FAILED,
            _State.UNKNOWN,
            _State.PLANNED,
            _State.SKIPPED,
        }
    ),
    # By evidence or by a named person.
    _State.UNKNOWN: frozenset({_State.SENT, _State.FAILED, _State.PLANNED}),
    _State.SENT: frozenset(),
    _State.FAILED: frozenset(),
    _State.SKIPPED: frozenset(),
}


def may_become(before: str, after: str) -> bool:
    return _State(after) in TRANSITIONS[_State(before)]
