// Every call that the sandbox serves, through Stripe's own library for Node, unchanged.
// The address comes as the first argument, a webhook (body and signature) as JSON in the second.
import assert from 'node:assert/strict';
import Stripe from 'stripe';

const base = new URL(process.argv[2]);
const address = { host: base.hostname, port: base.port, protocol: 'http' };
const stripe = new Stripe('sk_test_node', { ...address, maxNetworkRetries: 0 });

async function submit(url, form) {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  return [answer.status, answer.headers.get('location')];
}

async function fails(type, fields, call) {
  await assert.rejects(call, (error) => {
    assert.equal(error.type, type, error.stack);
    for (const [name, value] of Object.entries(fields)) assert.equal(error[name], value, `${name}: ${error.message}`);
    return true;
  });
}

async function control(path, body) {
  const answer = await fetch(`${base.origin}/_sandbox/${path}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  });
  assert.ok(answer.ok, await answer.text());
}

async function customers() {
  const made = await stripe.customers.create({ email: 'ada@example.com', metadata: { user: '7' } });
  assert.equal((await stripe.customers.retrieve(made.id)).metadata.user, '7');
  assert.equal((await stripe.customers.update(made.id, { name: 'Ada' })).name, 'Ada');
  const others = await Promise.all([1, 2, 3].map((n) => stripe.customers.create({ name: `page ${n}` })));
  const paged = await stripe.customers.list({ limit: 2 }).autoPagingToArray({ limit: 200 });
  for (const other of others) assert.ok(paged.some((found) => found.id === other.id));
  assert.equal((await stripe.customers.del(others[0].id)).deleted, true);
  await customerFields();
  return made;
}

async function customerFields() {
  const address = { line1: '1 MG Road', city: 'Bengaluru', country: 'IN' };
  const made = await stripe.customers.create({
    shipping: { name: 'Ada', address }, balance: -500, tax_exempt: 'exempt', invoice_prefix: 'ADA1', next_invoice_sequence: 7,
    payment_method: 'pm_card_visa', invoice_settings: { footer: 'Thank you', custom_fields: [{ name: 'PO', value: '7' }] },
  });
  const found = await stripe.customers.retrieve(made.id);
  assert.deepEqual(
    [found.shipping.address.city, found.balance, found.tax_exempt, found.invoice_prefix, found.next_invoice_sequence],
    ['Bengaluru', -500, 'exempt', 'ADA1', 7],
  );
  assert.deepEqual(found.invoice_settings.custom_fields, [{ name: 'PO', value: '7' }]);
  assert.equal((await stripe.customers.update(made.id, { shipping: '' })).shipping, null);
  assert.equal((await stripe.customers.listPaymentMethods(made.id, { type: 'card' })).data.length, 1);
  await fails('StripeInvalidRequestError', { param: 'invoice_prefix' }, () => stripe.customers.update(made.id, { invoice_prefix: 'x' }));
}

async function prices() {
  const product = await stripe.products.create({ name: 'Pro' });
  assert.equal((await stripe.products.retrieve(product.id)).name, 'Pro');
  assert.ok((await stripe.products.list()).data.length);
  const price = await stripe.prices.create({ currency: 'inr', unit_amount: 49900, product: product.id, recurring: { interval: 'month' } });
  assert.equal((await stripe.prices.retrieve(price.id, { expand: ['product'] })).product.name, 'Pro');
  assert.equal((await stripe.prices.list({ product: product.id })).data.length, 1);
  assert.equal((await stripe.prices.list({ product: product.id, recurring: { interval: 'year' } })).data.length, 0);
  assert.equal((await stripe.prices.update(price.id, { nickname: 'Monthly' })).nickname, 'Monthly');
  const unsold = await stripe.products.create({ name: 'Never sold', shippable: true });
  assert.equal((await stripe.products.list({ shippable: true })).data[0].id, unsold.id);
  assert.equal((await stripe.products.update(unsold.id, { description: 'Nobody wants it' })).description, 'Nobody wants it');
  assert.equal((await stripe.products.del(unsold.id)).deleted, true);
  return price;
}

async function checkout(customer, price) {
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription', customer: customer.id, success_url: 'http://127.0.0.1:9/done?s={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:9/back', line_items: [{ price: price.id, quantity: 1 }], subscription_data: { metadata: { user: '7' } },
  });
  assert.equal((await submit(session.url, { cardNumber: '4000000000009995', cardExpiry: '12/40', cardCvc: '123' }))[0], 402);
  const [status, place] = await submit(session.url, { cardNumber: '4242424242424242', cardExpiry: '12/40', cardCvc: '123' });
  assert.deepEqual([status, place], [303, `http://127.0.0.1:9/done?s=${session.id}`]);
  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'line_items'] });
  assert.equal(paid.subscription.status, 'active');
  assert.equal((await stripe.checkout.sessions.listLineItems(session.id)).data[0].price.id, price.id);
  assert.equal((await stripe.checkout.sessions.list({ customer: customer.id })).data.length, 1);
  const other = await stripe.checkout.sessions.create({ mode: 'subscription', success_url: 'http://127.0.0.1:9/', line_items: [{ price: price.id, quantity: 1 }] });
  assert.equal((await stripe.checkout.sessions.update(other.id, { metadata: { seen: 'yes' } })).metadata.seen, 'yes');
  assert.equal((await stripe.checkout.sessions.expire(other.id)).status, 'expired');
  return paid.subscription;
}

async function listed(customer) {
  const now = Math.floor(Date.now() / 1000);
  const subs = async (filters) => (await stripe.subscriptions.list({ customer: customer.id, ...filters })).data.length;
  assert.deepEqual([await subs({ collection_method: 'send_invoice' }), await subs({ collection_method: 'charge_automatically' })], [0, 1]);
  assert.deepEqual([await subs({ current_period_end: { lt: now } }), await subs({ current_period_end: { gt: now } })], [0, 1]);
  assert.equal((await stripe.invoices.list({ customer: customer.id, due_date: { gt: 0 } })).data.length, 0);
}

async function ends(price) {
  // The clock moves here, so this comes last.
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: Math.floor(Date.now() / 1000) });
  const customer = await stripe.customers.create({
    payment_method: 'pm_card_visa', invoice_settings: { default_payment_method: 'pm_card_visa' }, test_clock: clock.id,
  });
  const sub = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
  const at = sub.items.data[0].current_period_end - 86400;
  assert.equal((await stripe.subscriptions.update(sub.id, { cancel_at: at })).cancel_at, at);
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: at + 60 });
  assert.equal((await stripe.testHelpers.testClocks.retrieve(clock.id)).status, 'ready');
  assert.ok((await stripe.testHelpers.testClocks.list()).data.length);
  const gone = await stripe.subscriptions.retrieve(sub.id);
  assert.deepEqual([gone.status, gone.ended_at], ['canceled', at]);
  const told = (await stripe.events.list({ type: 'customer.subscription.deleted' })).data;
  assert.ok(told.some((event) => event.data.object.id === sub.id));
}

async function money(price) {
  const method = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' }, billing_details: { phone: '+91' } });
  assert.equal((await stripe.paymentMethods.retrieve(method.id)).billing_details.phone, '+91');
  const customer = await stripe.customers.create({ name: 'Money' });
  assert.equal((await stripe.paymentMethods.attach(method.id, { customer: customer.id })).customer, customer.id);
  const intent = await stripe.paymentIntents.create({
    amount: 500, currency: 'inr', confirm: true, payment_method: method.id, customer: customer.id, receipt_email: 'ada@example.com',
  });
  assert.equal(intent.receipt_email, 'ada@example.com');
  assert.equal((await stripe.paymentIntents.list({ customer: customer.id })).data[0].id, intent.id);
  const [charge] = (await stripe.charges.list({ payment_intent: intent.id })).data;
  assert.equal((await stripe.charges.retrieve(charge.id)).paid, true);
  const refund = await stripe.refunds.create({ charge: charge.id });
  assert.equal((await stripe.refunds.retrieve(refund.id)).amount, 500);
  assert.equal((await stripe.refunds.list({ charge: charge.id })).data.length, 1);
  assert.equal((await stripe.paymentMethods.detach(method.id)).customer, null);
  const waiting = () => stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], payment_behavior: 'default_incomplete' });
  const paid = await stripe.invoices.pay((await waiting()).latest_invoice, { payment_method: 'pm_card_visa' });
  assert.equal(paid.status, 'paid');
  assert.equal((await stripe.invoices.listLineItems(paid.id)).data[0].amount, 49900);
  assert.equal((await stripe.invoices.voidInvoice((await waiting()).latest_invoice)).status, 'void');
  const trial = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], trial_period_days: 5 });
  assert.equal(trial.status, 'trialing');
}

async function portal(customer) {
  const made = await stripe.billingPortal.configurations.create({ features: { invoice_history: { enabled: true } } });
  assert.equal((await stripe.billingPortal.configurations.retrieve(made.id)).features.subscription_cancel.enabled, false);
  assert.ok((await stripe.billingPortal.configurations.list({ active: true })).data.length);
  const session = await stripe.billingPortal.sessions.create({ customer: customer.id, configuration: made.id });
  assert.ok(!(await (await fetch(session.url)).text()).includes('Change card'));
}

async function unserved(customer, price) {
  const session = { mode: 'subscription', success_url: 'http://127.0.0.1:9/', line_items: [{ price: price.id, quantity: 1 }] };
  for (const [param, more] of Object.entries({
    discounts: { discounts: [{ coupon: 'half' }] }, 'automatic_tax[enabled]': { automatic_tax: { enabled: true } },
    return_url: { return_url: 'http://127.0.0.1:9/' }, mode: { mode: 'setup' },
  })) {
    await fails('StripeInvalidRequestError', { param, statusCode: 400 }, () => stripe.checkout.sessions.create({ ...session, ...more }));
  }
  await fails('StripeInvalidRequestError', { param: 'pause_collection' }, () =>
    stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }], pause_collection: { behavior: 'void' } }));
}

async function subscriptions(customer, subscription, price) {
  await listed(customer);
  const found = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice.payments'] });
  assert.equal(found.latest_invoice.payments.data[0].payment.type, 'payment_intent');
  assert.equal((await stripe.subscriptions.list({ customer: customer.id })).data.length, 1);
  const dear = await stripe.prices.create({ currency: 'inr', unit_amount: 99900, product: price.product, recurring: { interval: 'month' } });
  const items = [{ id: found.items.data[0].id, price: dear.id }];
  assert.ok((await stripe.invoices.createPreview({ subscription: subscription.id, subscription_details: { items } })).total > 0);
  assert.equal((await stripe.subscriptions.update(subscription.id, { items })).items.data[0].price.id, dear.id);
  assert.ok((await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true })).cancel_at);
  await fails('StripeInvalidRequestError', {}, () => stripe.subscriptions.resume(subscription.id));
  const [invoice] = (await stripe.invoices.list({ customer: customer.id })).data;
  assert.equal((await stripe.invoices.retrieve(invoice.id)).status, 'paid');
  const [charge] = (await stripe.charges.list({ customer: customer.id })).data;
  assert.equal((await stripe.paymentIntents.retrieve(charge.payment_intent)).status, 'succeeded');
  assert.equal((await stripe.refunds.create({ payment_intent: charge.payment_intent, amount: 100 })).status, 'succeeded');
  assert.equal((await stripe.paymentMethods.list({ customer: customer.id })).data[0].card.last4, '4242');
  assert.ok((await stripe.billingPortal.sessions.create({ customer: customer.id })).url.startsWith(base.origin));
  assert.equal((await stripe.subscriptions.cancel(subscription.id)).status, 'canceled');
}

async function errors(customer) {
  const wrong = new Stripe('sk_live_x', address);
  await fails('StripeAuthenticationError', { statusCode: 401 }, () => wrong.customers.list());
  await fails('StripeInvalidRequestError', { statusCode: 404, code: 'resource_missing' }, () => stripe.customers.retrieve('cus_none'));
  await fails('StripeInvalidRequestError', { code: 'parameter_unknown', param: 'colour' }, () => stripe.customers.create({ colour: 'red' }));
  await fails('StripeCardError', { statusCode: 402, code: 'card_declined', decline_code: 'generic_decline' }, () =>
    stripe.paymentIntents.create({ amount: 500, currency: 'inr', confirm: true, payment_method: 'pm_card_visa_chargeDeclined' }));
  await fails('StripeCardError', { code: 'card_declined' }, () => stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: customer.id }));
  const idempotencyKey = `node-${Date.now()}`;
  const all = await Promise.all([1, 2, 3].map(() => stripe.customers.create({ name: 'Once' }, { idempotencyKey })));
  assert.equal(new Set(all.map((made) => made.id)).size, 1);
  await control('config', { failure_rate: 1 });
  await fails('StripeAPIError', { statusCode: 500 }, () => stripe.customers.list());
  await control('config', { failure_rate: 0 });
  await fails('StripeIdempotencyError', { statusCode: 400 }, () => stripe.customers.create({ name: 'Twice' }, { idempotencyKey }));
}

async function webhooks() {
  const { body, signature, secret } = JSON.parse(process.argv[3]);
  assert.equal(stripe.webhooks.constructEvent(body, signature, secret).object, 'event');
  assert.throws(() => stripe.webhooks.constructEvent(body, signature, 'whsec_other'), { type: 'StripeSignatureVerificationError' });
  const [found] = (await stripe.events.list({ type: 'checkout.session.completed' })).data;
  assert.equal((await stripe.events.retrieve(found.id)).id, found.id);
  const endpoint = await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/hook', enabled_events: ['charge.refunded'] });
  assert.equal((await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })).status, 'disabled');
  assert.equal((await stripe.webhookEndpoints.retrieve(endpoint.id)).url, 'http://127.0.0.1:9/hook');
  assert.ok((await stripe.webhookEndpoints.list()).data.length);
  assert.equal((await stripe.webhookEndpoints.del(endpoint.id)).deleted, true);
}

const [customer, price] = [await customers(), await prices()];
await subscriptions(customer, await checkout(customer, price), price);
await unserved(customer, price);
await portal(customer);
await money(price);
await errors(customer);
await webhooks();
await ends(price);
console.log('every call answered');
