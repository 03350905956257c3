"""Refunds in a Celery worker: each is made once, whatever ends the task.

pip install 'ordermux[all]' 'celery[redis]'
ORDERMUX_ZEPHYR_API_KEY=… BROKER_URL=redis://localhost celery -A celery_refunds worker

enqueue("zephyr:order_01HXY8", "14.90", "USD")
"""

import datetime
import os

from celery import Celery
from celery.exceptions import SoftTimeLimitExceeded

from ordermux import Money, Ordermux, ProviderError, from_env

app = Celery("refunds", broker=os.environ["BROKER_URL"], backend=os.environ["BROKER_URL"])
app.conf.update(
    task_acks_late=True,  # a task is done when it has returned, not when it has begun
    task_reject_on_worker_lost=True,  # a task whose process was killed is run again
)
mux = Ordermux(*from_env())  # before the fork: each child has connections of its own


@app.task(bind=True, soft_time_limit=int(os.environ.get("SOFT_TIME_LIMIT", "60")), max_retries=20)
def refund(self, order, amount, currency, enqueued_at):
    """Refund an amount; return the id of the refund.

    The key is the task's id, which is the same each time it is run, so that a refund whose response was lost is found
    and not made again. The time tells how old the key is: one that the provider may have forgotten is refused.
    """
    try:
        made = mux.orders.refund(
            order,
            Money(amount, currency),
            idempotency_key=f"refund-{self.request.id}",
            key_created_at=datetime.datetime.fromisoformat(enqueued_at),
        )
    except SoftTimeLimitExceeded as error:  # in the middle of it: whether the refund was made is not known
        raise self.retry(exc=error, countdown=1) from error
    except ProviderError as error:
        if not error.retryable:
            raise  # and a person has to look, at an OutcomeUnknown above all
        raise self.retry(exc=error, countdown=error.retry_after or 10) from error
    return made.id


def enqueue(order, amount, currency):
    """Send a refund to the worker; return its result, as Celery has it."""
    return refund.delay(order, amount, currency, datetime.datetime.now(datetime.UTC).isoformat())
