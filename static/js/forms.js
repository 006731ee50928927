/* Help with forms: group numbers while they are typed, show mistakes when a field is left, show
   passwords. Everything works without it, and the server validates whatever is sent. The rules and
   their messages come from the server, in data attributes. */
"use strict";

(() => {
  const announcer = document.getElementById("announcer");
  const VISIBLE = 'input:not([type="hidden"], [hidden])';
  const typedIn = new WeakSet(); // fields that nobody has touched show no mistake
  const beforeInput = new WeakMap();

  // --- Numbers in groups ---

  const threes = (digits) => digits.replace(/\B(?=(?:\d{3})+$)/g, ".");
  const ofPhone = (digits) =>
    [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)].filter(Boolean).join(" ");

  function withCountry(signs) {
    const [, country, number] = /^(\+57|57(?=\d{9}))?(.*)$/.exec(signs);
    if (country) return [country, ofPhone(number)].filter(Boolean).join(" ");
    return /^\d{1,10}$/.test(signs) ? ofPhone(signs) : signs;
  }

  // number: what counts as a number; between: separators of digits; group: how to write it; amid: a
  // number with words around it, as people copy it from a document.
  const KINDS = {
    thousands: {
      number: /^[\d.\s]*$/,
      between: /[.\s]/g,
      group: threes,
      amid: /^\P{N}*(\d[\d.,'’\s]*)\P{N}*$/u,
    },
    phone: {
      number: /^\+?[\d\s]*$/,
      between: /\s/g,
      group: withCountry,
      amid: /^[^\p{N}+]*(\+?\d[\d\s.()\-\u2010-\u2015]*)\P{N}*$/u,
    },
  };

  // Write only what differs, and as if it were typed, so that it can be undone.
  function write(input, text) {
    const old = input.value;
    if (old === text) return;
    let start = 0;
    while (start < text.length && old[start] === text[start]) start += 1;
    let same = 0;
    const most = Math.min(old.length, text.length) - start;
    while (same < most && old.at(-1 - same) === text.at(-1 - same)) same += 1;
    const fresh = text.slice(start, text.length - same);
    if (document.activeElement === input) {
      input.setSelectionRange(start, old.length - same);
      document.execCommand(fresh ? "insertText" : "delete", false, fresh);
    }
    if (input.value !== text) input.value = text; // autofill, and browsers without the command
  }

  function regroup(input, inputType = "") {
    const kind = KINDS[input.dataset.grouped];
    if (!kind || !kind.number.test(input.value)) return;
    const signs = (text) => text.replace(kind.between, "");
    const before = beforeInput.get(input);
    let caret = signs(input.value.slice(0, input.selectionStart ?? input.value.length)).length;
    let all = signs(input.value);
    // Only a separator was deleted: the person meant the digit beside it.
    if (before?.isCaret && before.value.length > input.value.length && signs(before.value) === all) {
      if (inputType === "deleteContentBackward") caret -= 1;
      if (/^deleteContent(Back|For)ward$/.test(inputType)) {
        all = all.slice(0, caret) + all.slice(caret + 1);
      }
    }
    const text = kind.group(all);
    write(input, text);
    if (document.activeElement !== input) return;
    let position = 0;
    while (signs(text.slice(0, position)).length < caret) position += 1;
    input.setSelectionRange(position, position);
  }

  // Undo (or redo) a digit together with its grouping.
  function finish(input, step) {
    const kind = KINDS[input.dataset.grouped];
    if (!kind || !kind.number.test(input.value)) return;
    const isGrouped = kind.group(input.value.replace(kind.between, "")) === input.value;
    if (!isGrouped) queueMicrotask(() => document.execCommand(step));
  }

  // "C.C. 1.234.567.890 de Cali" has one number, which is what the person meant.
  function takeTheNumber(input) {
    const kind = KINDS[input.dataset.grouped];
    const found = kind && !kind.number.test(input.value) && kind.amid.exec(input.value);
    if (!found) return;
    write(input, kind.group(found[1].replace(/[^\d+]/g, "")));
    const end = input.value.length;
    if (document.activeElement === input) input.setSelectionRange(end, end);
  }

  document.addEventListener("beforeinput", (event) => {
    const { value, selectionStart, selectionEnd } = event.target;
    beforeInput.set(event.target, { value, isCaret: selectionStart === selectionEnd });
  });

  let writing = false; // write() triggers input events, too

  function followTyping(input, inputType) {
    if (writing) return;
    writing = true;
    if (/^insertFrom|^insertReplacement/.test(inputType)) takeTheNumber(input);
    regroup(input, inputType);
    writing = false;
  }

  // --- What is wrong, in the server's words ---

  const listed = (input, name) => JSON.parse(input.dataset[name] ?? "[]");
  const checked = (form) => [...form.elements].filter((input) => input.matches("[data-missing]"));

  function read(input) {
    if (input.type === "checkbox") return input.checked ? "on" : "";
    return listed(input, "ignored").reduce(
      (text, pattern) => text.replace(new RegExp(pattern, "gu"), ""),
      input.value,
    );
  }

  function sentence(rules, text, isSaid) {
    const rule = rules.find(([pattern]) => new RegExp(pattern, "u").test(text) === isSaid);
    return rule ? rule[1].replace("{count}", [...text].length) : "";
  }

  function mistake(input) {
    const text = read(input);
    if (!text) return input.dataset.missing;
    const first = document.getElementById(input.dataset.sameAs);
    if (first && first.value !== input.value) return input.dataset.different;
    return sentence(listed(input, "rules"), text, false);
  }

  function tie(input, id, isTied) {
    const ids = (input.getAttribute("aria-describedby") ?? "").split(" ");
    const others = ids.filter((other) => other && other !== id);
    if (isTied) others.push(id);
    if (others.length) input.setAttribute("aria-describedby", others.join(" "));
    else input.removeAttribute("aria-describedby");
  }

  function put(input, tag, name, words) {
    const id = `${input.id}_${name}`;
    document.getElementById(id)?.remove();
    tie(input, id, words);
    if (!words) return;
    const group = input.closest(".field, .check");
    const note = Object.assign(document.createElement(tag), { id });
    note.className = tag === "ul" ? "errorlist" : "field__hint";
    const line = tag === "ul" ? note.appendChild(document.createElement("li")) : note;
    line.textContent = words;
    if (group.matches(".check")) group.after(note);
    else group.append(note);
  }

  function blame(input, words) {
    put(input, "ul", "error", words);
    if (words) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    input.closest(".field, .check").classList.toggle("field--wrong", Boolean(words));
  }

  // Remove the field from the server's list of mistakes at the top, and the list once it is empty.
  function forgive(input) {
    if (input.getAttribute("aria-invalid") === "true") blame(input, "");
    put(input, "p", "hint", "");
    const summary = document.getElementById("error_summary");
    summary?.querySelector(`a[href="#${input.id}"]`)?.closest("li").remove();
    if (summary && !summary.querySelector("li")) summary.remove();
  }

  function judgeLeft(input) {
    if (!typedIn.has(input) || !read(input)) return;
    const words = mistake(input);
    const hint = words ? "" : sentence(listed(input, "hints"), read(input), true);
    blame(input, words);
    put(input, "p", "hint", hint);
    if (words || hint) announcer.textContent = words || hint;
  }

  const repeats = (input) => document.querySelectorAll(`[data-same-as="${input.id}"]`);

  // --- What people do ---

  document.addEventListener("input", (event) => {
    const input = event.target;
    if (!input.matches("[data-missing], [data-grouped]")) return;
    typedIn.add(input);
    forgive(input);
    repeats(input).forEach(forgive);
    if (event.isComposing) return; // while it composes, the keyboard must find its text unchanged
    const history = /^history(Undo|Redo)$/.exec(event.inputType);
    if (history) finish(input, history[1]);
    else followTyping(input, event.inputType ?? "");
  });

  document.addEventListener("compositionend", (event) => followTyping(event.target, ""));

  function leave(input) {
    followTyping(input, "insertFromLeaving");
    judgeLeft(input);
    repeats(input).forEach(judgeLeft);
  }

  // Show no message while the mouse is down: it would move the button that is being clicked.
  let isPressed = false;
  const left = new Set();
  document.addEventListener("mousedown", () => (isPressed = true), true);
  document.addEventListener(
    "mouseup",
    () => {
      isPressed = false;
      setTimeout(() => {
        left.forEach(leave);
        left.clear();
      });
    },
    true,
  );

  document.addEventListener("focusout", (event) => {
    const group = event.target.closest(".field");
    const input = group?.querySelector("input[data-missing]");
    if (!input || group.contains(event.relatedTarget)) return;
    if (isPressed) left.add(input);
    else leave(input);
  });

  document.addEventListener(
    "submit",
    (event) => {
      const wrong = checked(event.target).filter((input) => {
        const words = mistake(input);
        blame(input, words);
        return words;
      });
      if (wrong.length) {
        event.preventDefault();
        wrong[0].focus();
        return;
      }
      // Otherwise the browser would remember a shown password as typed text.
      event.target.querySelectorAll("[data-show-password]").forEach((button) => reveal(button, false));
    },
    true, // before app.js marks the form as sent
  );

  // "Siguiente" on an on-screen keyboard goes to the next field; on a computer, Enter submits.
  document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (event.key !== "Enter" || event.isComposing || input.enterKeyHint !== "next") return;
    if (!matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    const inputs = [...input.form.elements].filter((other) => other.matches(VISIBLE));
    inputs[inputs.indexOf(input) + 1]?.focus();
  });

  // --- Show passwords ---

  function reveal(button, isShown) {
    document.getElementById(button.dataset.showPassword).type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", String(isShown));
  }

  document.querySelectorAll("[data-show-password]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => {
      reveal(button, button.getAttribute("aria-pressed") !== "true");
    });
  });
})();
