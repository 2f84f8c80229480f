"""Every call that the sandbox serves, through Stripe's own library for Python, unchanged.

The address comes as the first argument, the webhook secret as the second.
"""

import json
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


def control(path, **body):
    request = urllib.request.Request(f"{base}/_sandbox/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request))


def customers():
    made = v1.customers.create({"email": "ada@example.com", "metadata": {"user": "7"}})
    assert v1.customers.retrieve(made.id).metadata["user"] == "7"
    assert v1.customers.update(made.id, {"name": "Ada", "metadata": {"user": ""}}).name == "Ada"
    assert len(v1.customers.list({"email": "ada@example.com", "limit": 1}).data) == 1
    names = [v1.customers.create({"name": f"page {n}"}).id for n in range(3)]
    paged = [c.id for c in v1.customers.list({"limit": 2}).auto_paging_iter()]
    assert set(names) <= set(paged)
    assert v1.customers.delete(names[0]).deleted
    customer_fields()
    return made


def customer_fields():
    address = {"line1": "1 MG Road", "city": "Bengaluru", "postal_code": "560001", "country": "IN"}
    made = v1.customers.create({
        "name": "Ada", "shipping": {"name": "Ada", "phone": "+91", "address": address}, "balance": -500, "tax_exempt": "exempt",
        "invoice_prefix": "ADA1", "next_invoice_sequence": 7, "address": address, "preferred_locales": ["en"],
        "invoice_settings": {"footer": "Thank you", "custom_fields": [{"name": "PO", "value": "7"}]},
        "payment_method": "pm_card_visa",
    })
    found = v1.customers.retrieve(made.id)
    assert found.shipping.address.city == "Bengaluru" and found.address.postal_code == "560001" and found.shipping.phone == "+91"
    assert (found.balance, found.tax_exempt, found.invoice_prefix, found.next_invoice_sequence) == (-500, "exempt", "ADA1", 7)
    assert found.invoice_settings.footer == "Thank you" and found.invoice_settings.custom_fields[0].value == "7"
    changed = v1.customers.update(made.id, {"shipping": "", "balance": 100, "tax_exempt": "reverse"})
    assert (changed.shipping, changed.balance, changed.tax_exempt) == (None, 100, "reverse") and changed.address.city == "Bengaluru"
    saved = v1.customers.payment_methods.list(made.id, {"type": "card"}).data
    assert [method.card.last4 for method in saved] == ["4242"]
    assert not v1.customers.payment_methods.list(made.id, {"type": "sepa_debit"}).data
    for wrong in [{"tax_exempt": "maybe"}, {"invoice_prefix": "x"}, {"balance": "much"}, {"shipping": {"phone": "+91"}}]:
        raises(stripe.InvalidRequestError, lambda: v1.customers.update(made.id, wrong))


def prices():
    product = v1.products.create({"name": "Pro"})
    assert v1.products.retrieve(product.id).name == "Pro"
    assert v1.products.update(product.id, {"description": "All signals"}).description == "All signals"
    assert v1.products.list().data
    price = v1.prices.create({"currency": "inr", "unit_amount": 49900, "product": product.id, "recurring": {"interval": "month"}})
    assert v1.prices.retrieve(price.id, {"expand": ["product"]}).product.name == "Pro"
    assert v1.prices.list({"product": product.id}).data[0].id == price.id
    assert v1.prices.update(price.id, {"nickname": "Monthly", "lookup_key": "monthly"}).nickname == "Monthly"
    yearly = v1.prices.create({"currency": "inr", "unit_amount": 499000, "product": product.id, "recurring": {"interval": "year"}})
    listed = lambda **recurring: [p.id for p in v1.prices.list({"product": product.id, "recurring": recurring}).data]
    assert listed(interval="year") == [yearly.id] and listed(interval="month") == [price.id] and not listed(usage_type="metered")
    assert v1.prices.list({"lookup_keys": ["monthly"]}).data[0].id == price.id
    unsold = v1.products.create({"name": "Never sold", "shippable": True, "package_dimensions": {"height": 1, "length": 2.5, "weight": 3, "width": 4}})
    assert [p.id for p in v1.products.list({"shippable": True}).data] == [unsold.id] and unsold.package_dimensions.length == 2.5
    assert v1.products.delete(unsold.id).deleted
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
    assert v1.checkout.sessions.update(other.id, {"metadata": {"seen": "yes"}}).metadata["seen"] == "yes"
    assert v1.checkout.sessions.expire(other.id).status == "expired"
    email = lambda address: v1.checkout.sessions.list({"customer_details": {"email": address}}).data
    assert [found.id for found in email("ada@example.com")] == [session.id] and not email("bob@example.com")
    return paid.subscription


def subscriptions(customer, subscription, price):
    listed(customer, subscription)
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
    features = {"invoice_history": {"enabled": True}, "payment_method_update": {"enabled": True}}
    portal = v1.billing_portal.configurations.create({"features": features, "business_profile": {"headline": "Billing"}, "default_return_url": "http://127.0.0.1:9/"})
    assert not v1.billing_portal.configurations.retrieve(portal.id).features.subscription_cancel.enabled
    assert portal.id in [kept.id for kept in v1.billing_portal.configurations.list({"is_default": False}).data]
    assert v1.billing_portal.sessions.create({"customer": customer.id, "configuration": portal.id}).return_url == "http://127.0.0.1:9/"
    assert v1.subscriptions.cancel(subscription.id).status == "canceled"
    fresh = v1.customers.create({"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}})
    assert v1.subscriptions.create({"customer": fresh.id, "items": [{"price": price.id}]}).status == "active"


def listed(customer, subscription):
    now = int(time.time())
    subs = lambda **filters: [found.id for found in v1.subscriptions.list({"customer": customer.id, **filters}).data]
    assert subs(collection_method="charge_automatically") == [subscription.id] and subs(collection_method="send_invoice") == []
    assert subs(current_period_end={"gt": now}) == [subscription.id] and subs(current_period_end={"lt": now}) == []
    assert subs(current_period_start={"lte": now + 60}) == [subscription.id] and subs(current_period_start=now - 86400) == []
    invoices = lambda **filters: len(v1.invoices.list({"customer": customer.id, **filters}).data)
    assert invoices(collection_method="charge_automatically") == 1 and invoices(collection_method="send_invoice") == 0
    assert invoices() == 1 and invoices(due_date={"gt": 0}) == 0
    raises(stripe.InvalidRequestError, lambda: subs(current_period_end={"about": 1}), "parameter_unknown", "current_period_end[about]")


def ends(price):
    """The clock moves here, so this comes last."""
    now = int(time.time())
    clock = v1.test_helpers.test_clocks.create({"frozen_time": now, "name": "ends"})
    made = v1.customers.create({"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}, "test_clock": clock.id})
    assert [found.id for found in v1.customers.list({"test_clock": clock.id}).data] == [made.id]
    assert made.id not in [found.id for found in v1.customers.list({"limit": 100}).data]
    sub = v1.subscriptions.create({"customer": made.id, "items": [{"price": price.id, "metadata": {"seat": "1"}}]})
    assert sub.test_clock == clock.id and sub["items"].data[0].metadata["seat"] == "1"
    ends = sub["items"].data[0].current_period_end - 10 * 86400
    marked = v1.subscriptions.update(sub.id, {"cancel_at": ends})
    assert (marked.cancel_at, marked.cancel_at_period_end) == (ends, False) and marked.canceled_at
    assert v1.subscriptions.update(sub.id, {"cancel_at": ""}).cancel_at is None
    raises(stripe.InvalidRequestError, lambda: v1.subscriptions.update(sub.id, {"cancel_at": now - 5}), None, "cancel_at")
    details = {"comment": "too much", "feedback": "too_expensive"}
    v1.subscriptions.update(sub.id, {"cancel_at": ends, "cancellation_details": details})
    paused = v1.subscriptions.create({
        "customer": v1.customers.create({"name": "no card"}).id, "items": [{"price": price.id}], "trial_period_days": 5,
        "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}}})
    assert v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": ends + 60}).frozen_time == ends + 60
    assert v1.test_helpers.test_clocks.retrieve(clock.id).status == "ready" and v1.test_helpers.test_clocks.list().data
    gone = v1.subscriptions.retrieve(sub.id)
    assert (gone.status, gone.ended_at, gone.cancellation_details.feedback) == ("canceled", ends, "too_expensive")
    told = [event.data.object.id for event in v1.events.list({"type": "customer.subscription.deleted"}).data]
    assert sub.id in told
    assert v1.subscriptions.retrieve(paused.id).status == "paused"
    v1.subscriptions.update(paused.id, {"default_payment_method": "pm_card_visa"})
    assert v1.subscriptions.resume(paused.id).status == "active"


def money(price):
    method = v1.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}, "billing_details": {"phone": "+91"}, "allow_redisplay": "always"})
    assert v1.payment_methods.retrieve(method.id).billing_details.phone == "+91"
    made = v1.customers.create({"name": "Money"})
    assert v1.payment_methods.attach(method.id, {"customer": made.id}).customer == made.id
    assert not v1.payment_methods.list({"customer": made.id, "allow_redisplay": "limited"}).data
    intent = v1.payment_intents.create({
        "amount": 500, "currency": "inr", "confirm": True, "payment_method": method.id, "customer": made.id,
        "receipt_email": "ada@example.com", "shipping": {"name": "Ada", "address": {"line1": "1 MG Road"}}})
    assert intent.receipt_email == "ada@example.com" and intent.shipping.address.line1 == "1 MG Road"
    assert [found.id for found in v1.payment_intents.list({"customer": made.id}).data] == [intent.id]
    assert v1.payment_methods.detach(method.id).customer is None
    waiting = lambda: v1.subscriptions.create({
        "customer": made.id, "items": [{"price": price.id}], "payment_behavior": "default_incomplete",
        "payment_settings": {"save_default_payment_method": "on_subscription"}})
    sub = waiting()
    paid = v1.invoices.pay(sub.latest_invoice, {"payment_method": "pm_card_visa"})
    assert paid.status == "paid" and v1.invoices.line_items.list(paid.id).data[0].amount == 49900
    now = v1.subscriptions.retrieve(sub.id)
    assert now.status == "active" and now.default_payment_method
    charges = lambda: len(v1.charges.list({"customer": made.id}).data)
    before = charges()
    assert v1.invoices.pay(waiting().latest_invoice, {"paid_out_of_band": True}).status == "paid" and charges() == before
    assert v1.invoices.void_invoice(waiting().latest_invoice).status == "void"


def unserved(customer, price):
    line = [{"price": price.id, "quantity": 1}]
    session = {"mode": "subscription", "success_url": "http://127.0.0.1:9/", "line_items": line}
    wrong = {
        "discounts": {"discounts": [{"coupon": "half"}]}, "automatic_tax[enabled]": {"automatic_tax": {"enabled": True}},
        "shipping_address_collection": {"shipping_address_collection": {"allowed_countries": ["IN"]}},
        "return_url": {"return_url": "http://127.0.0.1:9/"}, "permissions": {"permissions": {"update_line_items": "server_only"}},
        "mode": {"mode": "setup"}, "ui_mode": {"ui_mode": "embedded_page"}}
    for param, more in wrong.items():
        refused = raises(stripe.InvalidRequestError, lambda: v1.checkout.sessions.create({**session, **more}), None, param)
        assert refused.user_message.startswith("The sandbox ") and refused.http_status == 400, refused.user_message
    assert v1.checkout.sessions.create({**session, "automatic_tax": {"enabled": False}}).automatic_tax.enabled is False
    fresh = {"customer": customer.id, "items": [{"price": price.id}]}
    for param, more in {
        "pause_collection": {"pause_collection": {"behavior": "void"}}, "default_source": {"default_source": "card_1"},
        "add_invoice_items": {"add_invoice_items": [{"price": price.id}]}, "collection_method": {"collection_method": "send_invoice"}}.items():
        raises(stripe.InvalidRequestError, lambda: v1.subscriptions.create({**fresh, **more}), None, param)
    raises(stripe.InvalidRequestError, lambda: v1.customers.create({"source": "tok_visa"}), None, "source")


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
    raises(stripe.InvalidRequestError, lambda: v1.quotes.list())
    control("config", failure_rate=1)
    failed = raises(stripe.APIError, lambda: v1.customers.list())
    control("config", failure_rate=0)
    assert failed.http_status == 500 and failed.request_id.startswith("req_")


def events():
    found = v1.events.list({"type": "checkout.session.completed"}).data[0]
    assert v1.events.retrieve(found.id).data.object.object == "checkout.session"
    endpoint = v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/hook", "enabled_events": ["charge.refunded"]})
    assert endpoint.secret.startswith("whsec_") and v1.webhook_endpoints.list().data
    assert v1.webhook_endpoints.update(endpoint.id, {"description": "ours", "disabled": True}).status == "disabled"
    assert v1.webhook_endpoints.retrieve(endpoint.id).description == "ours"
    assert v1.webhook_endpoints.delete(endpoint.id).deleted
    body = '{"id": "evt_1", "object": "event", "type": "invoice.paid", "data": {"object": {}}}'
    at = int(time.time())
    header = f"t={at},v1={stripe.WebhookSignature._compute_signature(f'{at}.{body}', secret)}"
    assert stripe.Webhook.construct_event(body, header, secret).type == "invoice.paid"


customer, price = customers(), prices()
subscriptions(customer, checkout(customer, price), price)
unserved(customer, price)
money(price)
errors(customer, price)
events()
ends(price)
print("every call answered")
