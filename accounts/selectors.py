"""What the pages ask about people."""

from accounts.models import REFERRAL_CODE_ALPHABET, REFERRAL_CODE_LENGTH, CustomUser


def referrer_by_code(code: str) -> CustomUser | None:
    """Whose referral code this is, in capitals or not; None for nobody's, or a closed account's."""
    code = code.strip().upper()
    if len(code) != REFERRAL_CODE_LENGTH or not set(code) <= set(REFERRAL_CODE_ALPHABET):
        return None
    return CustomUser.objects.filter(referral_code=code, is_active=True).first()
