// A stand-in for the scripts of reCAPTCHA and Turnstile: what a page of the census uses of them.
// The real box is an iframe; the element that carries the answer lies beside it, as here.
(function () {
  'use strict';

  const KINDS = [
    { box: 'g-recaptcha', answer: 'g-recaptcha-response', api: 'grecaptcha' },
    { box: 'cf-turnstile', answer: 'cf-turnstile-response', api: 'turnstile' },
  ];

  function askForToken(box) {
    return fetch('/captcha/tick', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ sitekey: box.dataset.sitekey, page: location.href }),
    })
      .then((reply) => reply.json())
      .then((reply) => reply.token);
  }

  function build(box, name) {
    const answer = document.createElement('textarea');
    answer.id = answer.name = name;
    answer.className = name;
    answer.style.display = 'none';

    const label = document.createElement('label');
    label.className = 'captcha-stub';
    const tick = document.createElement('input');
    tick.type = 'checkbox';
    tick.addEventListener('change', () => {
      tick.disabled = true;
      askForToken(box).then(
        (token) => { answer.value = token; },
        () => { tick.checked = tick.disabled = false; },
      );
    });
    label.append(tick, 'No soy un robot');
    box.append(label, answer);
    return { answer, tick };
  }

  KINDS.forEach(({ box, answer, api }) => {
    const element = document.querySelector('div.' + box + '[data-sitekey]');
    if (!element) return;
    const parts = build(element, answer);
    window[api] = {
      getResponse: () => parts.answer.value,
      reset: () => {
        parts.answer.value = '';
        parts.tick.checked = parts.tick.disabled = false;
      },
    };
  });
})();
