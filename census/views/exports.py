"""Exports of the list of referidos and of the summary, as Excel or CSV."""

from typing import assert_never
from urllib.parse import urlencode

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.http import PersonRequest
from accounts.permissions import leader_required
from census.models import ExportRecord
from census.privacy.accesses import record_exported
from census.referidos.exports import Export, record_export, referidos_export, summary_export
from census.referidos.listing import NAME_PARAMETER, Listing
from census.referidos.queries import people
from census.referidos.searches import listing_of
from census.referidos.spreadsheets import csv_chunks, xlsx_file

# GET only: a HEAD would export nothing, and yet be recorded as an export.


@require_GET
@never_cache
@leader_required
def referidos(request: PersonRequest) -> HttpResponseBase:
    """All pages of the list of referidos with the same parameters."""
    listing = listing_of(request, request.GET.dict())
    if listing.is_lost:  # it would export everybody instead of the people searched for
        lost = urlencode({NAME_PARAMETER: request.GET[NAME_PARAMETER]})
        return redirect(f"{reverse('census:referidos')}?{lost}")
    record_exported(request.user, people(request.user, listing))
    return _file(request, referidos_export(request.user, listing))


@require_GET
@never_cache
@leader_required
def summary(request: PersonRequest) -> HttpResponseBase:
    """The summary of the place with the same parameters, down to the mesas."""
    places = Listing.from_address(request.GET).places
    return _file(request, summary_export(request.user, places))


def _file(request: PersonRequest, export: Export) -> HttpResponseBase:
    file_format = _format(request.GET.get("formato", ""))
    name = f"{export.content}-{timezone.localdate():%Y-%m-%d}.{file_format}"
    response: HttpResponseBase
    match file_format:
        case ExportRecord.Format.XLSX:
            response = FileResponse(
                xlsx_file(export.table),
                content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            )
        case ExportRecord.Format.CSV:
            response = StreamingHttpResponse(
                csv_chunks(export.table), content_type="text/csv; charset=utf-8"
            )
        case _:
            assert_never(file_format)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    record_export(export, request.user, file_format)
    return response


def _format(asked: str) -> ExportRecord.Format:
    """The format asked for; Excel if that is missing or unknown."""
    known = ExportRecord.Format
    return known(asked) if asked in set(known) else known.XLSX
