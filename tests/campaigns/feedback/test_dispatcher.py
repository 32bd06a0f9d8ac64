import pytest

from accounts.journal import clock
from campaigns.feedback.models import Post, Report
from campaigns.sequences.sending.dispatcher import Dispatcher
from tests.campaigns.sequences.conftest import (  # noqa: F401 - fixtures
    sink,
    smtp,
    spool_folder,
    worker,
)

from .scenes import postmark


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_reads_what_came(sent, worker):  # noqa: F811
    Post.objects.create(provider="postmark", body=postmark(sent))
    Dispatcher(worker=worker, now=clock.now).turn()
    assert Report.objects.get().kind == "delivered"
