"""Public extension points of segments (architecture 6).

A receiver of `segment_logging` runs inside the transaction and stops it by raising a crm.errors.Refusal; one of
`segment_logged` runs after the commit, and when it raises that is logged and ignored.
"""

from django.dispatch import Signal

segment_logging = Signal()  # sender: Segment; segment, lines (effective), by
segment_logged = Signal()  # sender: LoggedSegment; logged, entries (a queryset), by
