const cell = (value, kind) => {
  const td = document.createElement('td');
  if (kind) td.className = kind;
  td.append(value);
  return td;
};

const rows = (id, list, row, none, columns) => {
  const made = list.length ? list.map((item) => {
    const tr = document.createElement('tr');
    tr.append(...row(item));
    return tr;
  }) : [document.createElement('tr')];
  if (!list.length) {
    const td = cell(none, 'dim');
    td.colSpan = columns;
    made[0].append(td);
  }
  document.getElementById(id).replaceChildren(...made);
};

const code = (text) => {
  const element = document.createElement('code');
  element.textContent = text;
  return element;
};

const letter = (message) => {
  const td = cell(message.subject);
  const text = document.createElement('pre');
  text.textContent = message.text;
  if (message.html) td.append(' ', link('as a page', `/_local/mail/${message.id}.html`));
  td.append(text);
  return td;
};

const link = (text, to) => {
  const element = document.createElement('a');
  element.href = to;
  element.textContent = text;
  return element;
};

const read = async (what) => {
  const answer = await fetch(`/_local/api/${what}`);
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error);
  return value;
};

const redrive = (queue) => {
  const button = document.createElement('button');
  button.textContent = 'Redrive';
  button.disabled = !queue.dead;
  button.title = `Send the dead letters of ${queue.name} back to it`;
  button.onclick = async () => {
    button.disabled = true;
    const answer = await fetch(`/_local/api/queues/${queue.name}/redrive`, { method: 'POST' });
    const told = await answer.json();
    document.getElementById('told').textContent = told.error ?? `${told.redriven} sent back to ${queue.name}.`;
    await show();
  };
  return button;
};

const seen = {};

// A part is drawn anew only when it changed, so that what someone reads or marks stays.
const part = async (what, draw) => {
  try {
    const value = await read(what);
    const text = JSON.stringify(value);
    if (seen[what] !== text) draw(value);
    seen[what] = text;
  } catch (error) {
    seen[what] = undefined;
    document.getElementById('told').textContent = `${what}: ${error.message}`;
  }
};

const show = () => Promise.all([
  part('queues', (queues) => {
    rows('queues', queues, (queue) => queue.error
      ? [cell(queue.name), Object.assign(cell(queue.error, 'bad'), { colSpan: 5 })]
      : [
        cell(`${queue.name}${queue.fifo ? ' (in order)' : ''}`),
        cell(queue.ready, 'number'),
        cell(queue.in_flight, 'number'),
        cell(queue.delayed, 'number'),
        cell(queue.dead, queue.dead ? 'number bad' : 'number'),
        cell(redrive(queue)),
      ], 'This shop has no workers.', 6);
    const letters = queues.flatMap((queue) => (queue.dead_letters ?? []).map((letter) => ({ ...letter, queue: queue.name })));
    rows('letters', letters, (letter) => [
      cell(letter.queue), cell(letter.sent_at, 'time'), cell(letter.receives, 'number'), cell(code(letter.body)),
    ], 'None.', 4);
  }),
  part('events', (events) => rows('events', events, (event) => [
    cell(event.time, 'time'), cell(event.type), cell(code(event.subject)), cell(event.tenant), cell(code(JSON.stringify(event.data))),
  ], 'Nothing has happened yet.', 5)),
  part('search', (search) => rows('search', search ? Object.entries(search) : [], ([name, value]) => [
    cell(name), cell(code(String(value))),
  ], 'Nothing is published yet.', 2)),
  part('mail', (mail) => rows('mail', mail, (message) => [
    cell(link(message.at, `/_local/mail/${message.id}`), 'time'), cell(code(message.to)), letter(message),
  ], 'None was sent.', 3)),
]);

show();
setInterval(() => { if (!document.hidden) show(); }, 2000);
