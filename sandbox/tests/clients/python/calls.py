"""Every call that the sandbox serves, through Stripe's own library for Python, unchanged.

The address comes as the first argument, the webhook secret as the second.
"""

import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import stripe

base, secret = sys.argv[1], sys.argv[2]
client = stripe.StripeClient("sk_test_python", base_addresses={"api": base}, max_network_retries=0)
v1 = client.v1


class Unmoved(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def submit(url, **form):
    data = urllib.parse.urlencode(form).encode()
    try:
        answer = urllib.request.build_opener(urllib.request.ProxyHandler({}), Unmoved).open(url, data)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.headers.get("Location")


def raises(kind, call, code=None, param=None):
    try:
        call()
    except kind as error:
        assert type(error) is kind, repr(error)
        assert code is None or error.code == code, (error.code, code)
        assert param is None or error.param == param, (error.param, param)
        return error
    raise AssertionError(f"expected {kind.__name__}")


def customers():
    made = v1.customers.create({"email": "ada@example.com", "metadata": {"user": "7"}})
    assert v1.customers.retrieve(made.id).metadata["user"] == "7"
    assert v1.customers.update(made.id, {"name": "Ada", "metadata": {"user": ""}}).name == "Ada"
    assert len(v1.customers.list({"email": "ada@example.com", "limit": 1}).data) == 1
    names = [v1.customers.create({"name": f"page {n}"}).id for n in range(3)]
    paged = [c.id for c in v1.customers.list({"limit": 2}).auto_paging_iter()]
    assert set(names) <= set(paged)
    assert v1.customers.delete(names[0]).deleted
    return made


def prices():
    product = v1.products.create({"name": "Pro"})
    assert v1.products.retrieve(product.id).name == "Pro"
    assert v1.products.update(product.id, {"description": "All signals"}).description == "All signals"
    assert v1.products.list().data
    price = v1.prices.create({"currency": "inr", "unit_amount": 49900, "product": product.id, "recurring": {"interval": "month"}})
    assert v1.prices.retrieve(price.id, {"expand": ["product"]}).product.name == "Pro"
    assert v1.prices.list({"product": product.id}).data[0].id == price.id
    return price


def checkout(customer, price):
    session = v1.checkout.sessions.create({
        "mode": "subscription", "customer": customer.id, "success_url": "http://127.0.0.1:9/done?s={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://127.0.0.1:9/back", "line_items": [{"price": price.id, "quantity": 1}], "metadata": {"user": "7"},
    })
    assert session.url.startswith(base)
    assert submit(session.url, cardNumber="4000000000000002", cardExpiry="12/40", cardCvc="123")[0] == 402
    status, place = submit(session.url, cardNumber="4242424242424242", cardExpiry="12/40", cardCvc="123")
    assert status == 303 and place.endswith(session.id), (status, place)
    paid = v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription", "line_items"]})
    assert paid.payment_status == "paid" and paid.subscription.status == "active"
    assert v1.checkout.sessions.line_items.list(session.id).data[0].price.id == price.id
    assert v1.checkout.sessions.list({"customer": customer.id}).data[0].id == session.id
    other = v1.checkout.sessions.create({"mode": "subscription", "success_url": "http://127.0.0.1:9/", "line_items": [{"price": price.id, "quantity": 1}]})
    assert v1.checkout.sessions.expire(other.id).status == "expired"
    return paid.subscription


def subscriptions(customer, subscription, price):
    assert v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]}).latest_invoice.status == "paid"
    assert v1.subscriptions.list({"customer": customer.id}).data[0].id == subscription.id
    item = subscription["items"].data[0]
    dear = v1.prices.create({"currency": "inr", "unit_amount": 99900, "product": price.product, "recurring": {"interval": "month"}})
    change = {"items": [{"id": item.id, "price": dear.id}]}
    assert v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": change}).total > 0
    assert v1.subscriptions.update(subscription.id, change)["items"].data[0].price.id == dear.id
    assert v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True}).cancel_at
    raises(stripe.InvalidRequestError, lambda: v1.subscriptions.resume(subscription.id))
    invoice = v1.invoices.list({"customer": customer.id}).data[0]
    assert v1.invoices.retrieve(invoice.id, {"expand": ["payments"]}).payments.data[0].status == "paid"
    charge = v1.charges.list({"customer": customer.id}).data[0]
    assert v1.charges.retrieve(charge.id).paid
    assert v1.payment_intents.retrieve(charge.payment_intent).status == "succeeded"
    refund = v1.refunds.create({"charge": charge.id, "amount": 100})
    assert v1.refunds.retrieve(refund.id).amount == 100 and v1.refunds.list({"charge": charge.id}).data
    assert v1.payment_methods.list({"customer": customer.id}).data[0].card.last4 == "4242"
    assert v1.billing_portal.sessions.create({"customer": customer.id, "return_url": "http://127.0.0.1:9/"}).url.startswith(base)
    assert v1.billing_portal.configurations.list().data
    assert v1.subscriptions.cancel(subscription.id).status == "canceled"
    fresh = v1.customers.create({"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}})
    assert v1.subscriptions.create({"customer": fresh.id, "items": [{"price": price.id}]}).status == "active"


def errors(customer, price):
    raises(stripe.AuthenticationError, lambda: stripe.StripeClient("sk_live_x", base_addresses={"api": base}).v1.customers.list())
    raises(stripe.InvalidRequestError, lambda: v1.customers.retrieve("cus_none"), "resource_missing", "id")
    raises(stripe.InvalidRequestError, lambda: v1.customers.create({"colour": "red"}), "parameter_unknown", "colour")
    raises(stripe.InvalidRequestError, lambda: v1.prices.create({"currency": "inr"}), "parameter_missing")
    declined = raises(stripe.CardError, lambda: v1.payment_intents.create({
        "amount": 500, "currency": "inr", "confirm": True, "payment_method": "pm_card_visa_chargeDeclined"}), "card_declined")
    assert declined.http_status == 402 and declined.error.decline_code == "generic_decline"
    raises(stripe.CardError, lambda: v1.payment_methods.attach("pm_card_chargeDeclinedInsufficientFunds", {"customer": customer.id}), "card_declined")
    key = {"idempotency_key": f"python-{time.time()}"}
    first = v1.customers.create({"name": "Once"}, key)
    again = v1.customers.create({"name": "Once"}, key)
    assert again.id == first.id and again.last_response.headers["idempotent-replayed"] == "true"
    raises(stripe.IdempotencyError, lambda: v1.customers.create({"name": "Twice"}, key))


def events():
    found = v1.events.list({"type": "checkout.session.completed"}).data[0]
    assert v1.events.retrieve(found.id).data.object.object == "checkout.session"
    endpoint = v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/hook", "enabled_events": ["charge.refunded"]})
    assert endpoint.secret.startswith("whsec_") and v1.webhook_endpoints.list().data
    assert v1.webhook_endpoints.delete(endpoint.id).deleted
    body = '{"id": "evt_1", "object": "event", "type": "invoice.paid", "data": {"object": {}}}'
    at = int(time.time())
    header = f"t={at},v1={stripe.WebhookSignature._compute_signature(f'{at}.{body}', secret)}"
    assert stripe.Webhook.construct_event(body, header, secret).type == "invoice.paid"


customer, price = customers(), prices()
subscriptions(customer, checkout(customer, price), price)
errors(customer, price)
events()
print("every call answered")
