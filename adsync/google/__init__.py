"""Google's official clients behind the ports. Google's exceptions and messages do not leave this folder."""
