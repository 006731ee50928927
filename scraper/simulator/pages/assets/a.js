// Shape A: the form is sent by script to the page's own address, the answer is put into the page.
(function () {
  'use strict';

  const form = document.getElementById('form');
  const button = document.getElementById('enviar');
  const boxes = ['success', 'div_warning', 'div_error'].map((id) => document.getElementById(id));
  const [success, warning, error] = boxes;

  const captcha = () => window.grecaptcha || window.turnstile;

  function clear() {
    boxes.forEach((box) => {
      box.hidden = true;
      box.replaceChildren();
    });
  }

  function show(box, markup) {
    box.innerHTML = markup;
    box.hidden = false;
  }

  function put(answer) {
    if (answer.reload) {
      location.reload();
    } else if (answer.success) {
      show(success, answer.data.message);
    } else {
      show(answer.data.type === 'error' ? error : warning, answer.data.message);
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clear();
    const fields = new FormData(form);
    if (window.grecaptcha) {
      fields.set('g-recaptcha-response', window.grecaptcha.getResponse());
    }
    button.disabled = true;
    fetch(location.pathname, { method: 'POST', body: fields })
      .then((reply) => reply.json())
      .then(put)
      .catch(() => show(error, 'Ha ocurrido un error en la consulta.'))
      .finally(() => {
        button.disabled = false;
        if (captcha()) captcha().reset();
      });
  });
})();
