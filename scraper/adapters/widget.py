"""Find the captcha of a census page, and put its token in."""

from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from scraper.captcha import Recaptcha
from scraper.errors import CaptchaInTheWay

RECAPTCHA, NO_CAPTCHA = "recaptcha", "none"

# Null while a captcha's script is there without its box, which is still being drawn then.
FIND = """
() => {
  const isThere = (selector) => document.querySelector(selector) !== null;
  const isEnterprise = isThere('script[src*="/recaptcha/enterprise"]');
  const box = document.querySelector('.g-recaptcha[data-sitekey]');
  if (box) {
    return {
      kind: 'recaptcha', siteKey: box.dataset.sitekey, isEnterprise,
      isInvisible: box.dataset.size === 'invisible',
    };
  }
  if (isThere('.cf-turnstile, iframe[src*="challenges.cloudflare.com"]')) {
    return {kind: 'Cloudflare Turnstile'};
  }
  if (isThere('.h-captcha, iframe[src*="hcaptcha.com"]')) return {kind: 'hCaptcha'};
  const frame = document.querySelector('iframe[src*="/recaptcha/"]');
  if (frame) {
    // Drawn by a script: the key is in the address of its frame alone.
    const query = new URL(frame.src, location.href).searchParams;
    return {
      kind: 'recaptcha', siteKey: query.get('k') || '', isEnterprise,
      isInvisible: query.get('size') === 'invisible',
    };
  }
  if (isThere('script[src*="/recaptcha/"][src*="render="]:not([src*="render=explicit"])')) {
    return {kind: 'reCAPTCHA v3'};
  }
  if (isThere('[data-sitekey]')) return {kind: 'unknown'};
  const isComing = isThere(
    'script[src*="/recaptcha/"], script[src*="hcaptcha.com"],'
    + ' script[src*="challenges.cloudflare.com"]');
  return isComing ? null : {kind: 'none'};
}
"""

# Null until the page's own captcha object is there: it would replace ours if it came later.
TICK = """
(token) => {
  const name = 'g-recaptcha-response';
  let fields = [...document.querySelectorAll(`textarea[name="${name}"]`)];
  const isDrawn = fields.length > 0 || (window.grecaptcha && window.grecaptcha.getResponse);
  if (!isDrawn && document.readyState !== 'complete') return null;

  const box = document.querySelector('.g-recaptcha');
  if (fields.length === 0) {
    const field = document.createElement('textarea');
    field.id = field.name = name;
    field.style.display = 'none';
    (box || document.querySelector('form') || document.body).append(field);
    fields = [field];
  }
  for (const field of fields) {
    field.value = token;
    field.dispatchEvent(new Event('input', {bubbles: true}));
    field.dispatchEvent(new Event('change', {bubbles: true}));
  }
  const getResponse = () => token;
  window.grecaptcha = window.grecaptcha || {reset() {}, ready(then) { then(); }};
  window.grecaptcha.getResponse = getResponse;
  if (window.grecaptcha.enterprise) window.grecaptcha.enterprise.getResponse = getResponse;

  const path = (box && box.dataset.callback) || '';
  const callback = path && path.split('.').reduce((at, part) => at && at[part], window);
  // Later, so that a mistake in the page's function is the page's own affair.
  if (typeof callback === 'function') setTimeout(callback, 0, token);
  return true;
}
"""


async def find_captcha(page: Page, within_seconds: float) -> Recaptcha | None:
    """Return the captcha of the page, or None if there is none or it does not appear in time.

    Raises CaptchaInTheWay for any kind but a reCAPTCHA v2.
    """
    try:
        handle = await page.wait_for_function(FIND, polling=100, timeout=within_seconds * 1000)
    except PlaywrightTimeout:  # perhaps the page works without its captcha
        return None
    found = await handle.json_value()
    if found["kind"] == NO_CAPTCHA:
        return None
    if found["kind"] != RECAPTCHA or not found["siteKey"]:
        raise CaptchaInTheWay(f"The page asks for a captcha of another kind: {found['kind']}.")
    return Recaptcha(
        site_key=found["siteKey"],
        page_url=page.url,
        is_invisible=found["isInvisible"],
        is_enterprise=found["isEnterprise"],
    )


async def put_token(page: Page, token: str, within_seconds: float) -> None:
    """Put the token where the page looks for it, as if its reCAPTCHA had been ticked."""
    await page.wait_for_function(TICK, arg=token, polling=100, timeout=within_seconds * 1000)
