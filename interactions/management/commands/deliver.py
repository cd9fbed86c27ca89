from django.core.management.base import BaseCommand
from django.utils import timezone

from interactions.actions import sending
from interactions.models import Delivery


class Command(BaseCommand):
    help = "Sends the e-mails that are due, without a worker, and says what is left in the outbox."

    def handle(self, **options):
        sending.recover()
        sending.deliver()
        figures = Delivery.objects.figures()
        waiting, due = figures["QUEUED"], Delivery.objects.due(timezone.now()).count()
        self.stdout.write(
            f"Sent: {figures['SENT']}, waiting: {waiting} ({due} due now), not sent: {figures['ERROR']},"
            f" perhaps sent: {figures['UNCERTAIN']}, being sent: {figures['SENDING']}."
        )
