from .up import Command as Up


class Command(Up):
    help = "Start everything with demo data, and say where to look and how to log in."
    preparations = (*Up.preparations, ("load_demo",))
