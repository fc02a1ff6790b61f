"""An ext4 file system in a file, and what can befall it."""

import contextlib
import pathlib
import subprocess

from world import until


class CantRun(Exception):
    """This machine has not what the case needs."""


def tool(*args, check=True):
    done = subprocess.run(args, capture_output=True, text=True)
    if check and done.returncode:
        raise OSError(f"{args[0]}: {done.stderr.strip()}")
    return done


class Disk:
    """An ext4 file system in a file."""

    def __init__(self, folder, name, megabytes=24):
        self.image, self.at = folder / f"{name}.img", folder / name
        self.at.mkdir()
        # Nothing can be made at the bare place, as it should be with a share.
        self.at.chmod(0o555)
        with open(self.image, "wb") as image:
            image.truncate(megabytes << 20)
        tool("mkfs.ext4", "-q", "-F", "-m", "0", str(self.image))
        self.mount()
        self.at.chmod(0o777)

    def mount(self):
        try:
            tool("mount", "-o", "loop,errors=remount-ro", str(self.image), str(self.at))
        except OSError as error:
            raise CantRun(str(error)) from error

    def unmount(self):
        until(lambda: tool("umount", str(self.at), check=False).returncode == 0, 3) or tool("umount", "-l", str(self.at), check=False)

    def remount(self, mode):
        # A file that is just being written to keeps it writable.
        if not until(lambda: tool("mount", "-o", f"remount,{mode}", str(self.at), check=False).returncode == 0, 10):
            raise OSError(f"it could not be remounted {mode}")

    def fail(self):
        """What the kernel does when it finds the file system damaged: read-only from now on."""
        loop = pathlib.Path(tool("findmnt", "-n", "-o", "SOURCE", str(self.at)).stdout.strip()).name
        trigger = pathlib.Path(f"/sys/fs/ext4/{loop}/trigger_fs_error")
        if not loop.startswith("loop") or not trigger.exists():
            raise CantRun("no file system error can be made here")
        trigger.write_text("1")

    def mend(self):
        """As an operator does when the daemon has let go of it."""
        if not until(lambda: tool("umount", str(self.at), check=False).returncode == 0, 20):
            return False
        tool("e2fsck", "-f", "-y", str(self.image), check=False)
        self.mount()
        return True

    def fill(self):
        with open(self.at / "ballast", "ab", buffering=0) as ballast:
            for size in (1 << 20, 4096, 512):
                with contextlib.suppress(OSError):
                    while ballast.write(b"\0" * size) == size:
                        pass

    def free(self):
        (self.at / "ballast").unlink()
