"""Build what a release for Linux consists of, into `dist/`.

    python packaging/build_linux.py               all of it
    python packaging/build_linux.py python        wheel and source archive
    python packaging/build_linux.py frozen        one folder with Python and all libraries,
                                                  packed as .tar.zst and as .deb

Run it with the Python of an environment that has saedesk, and for `frozen` PyInstaller, in it
(pip install build pyinstaller). The folder runs on systems whose glibc is as new as the
builder's: build on the oldest one to be served. `frozen` also needs objdump, dpkg-deb and zstd.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
from importlib import metadata, util
from pathlib import Path

from check_cpu_baseline import wide_instructions

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGING = CHECKOUT / "packaging"
DIST = CHECKOUT / "dist"
BUILD = CHECKOUT / "build"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
DEBIAN_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
PROGRAM_FOLDER = "opt/saedesk"

sys.path.insert(0, str(CHECKOUT))
from saedesk.start_checks import (  # noqa: E402 (a source tree is not on the path of a script)
    FONT_PACKAGE,
    LIBRARIES_OF_A_DISPLAY,
    LIBRARIES_OF_QT,
)


def main(words: list[str]) -> int:
    what = words[0] if words else "all"
    if what not in ("all", "python", "frozen"):
        print(__doc__)
        return 2
    DIST.mkdir(exist_ok=True)
    if what in ("all", "python"):
        call(sys.executable, "-m", "build", "--outdir", str(DIST), str(CHECKOUT))
    if what in ("all", "frozen"):
        refuse_cuda()
        build_hnswlib_for_every_processor()
        folder = freeze()
        smoke_test(folder)
        pack_tar(folder)
        pack_deb(folder)
    return 0


def call(*command: str, **settings: str) -> None:
    print("+ " + " ".join(command), flush=True)
    subprocess.run(command, check=True, cwd=CHECKOUT, env=dict(os.environ, **settings))


def refuse_cuda() -> None:
    """A build with CUDA is several gigabytes larger, and nobody would notice before the upload."""
    import torch

    cuda = sorted(
        name
        for distribution in metadata.distributions()
        if (name := (distribution.name or "").lower()).startswith("nvidia")
    )
    if torch.version.cuda or cuda:
        sys.exit(f"This environment has CUDA ({torch.version.cuda}, {cuda}); use a CPU torch.")


def build_hnswlib_for_every_processor() -> None:
    """Compile hnswlib anew, since one from a cache may be for the builder's processor only."""
    install = [sys.executable, "-m", "pip", "install", "--force-reinstall", "--no-deps"]
    install += ["--no-cache-dir", "--no-binary", "hnswlib"]
    version = metadata.version("hnswlib")
    call(*install, f"hnswlib=={version}", HNSWLIB_NO_NATIVE="1")
    library = util.find_spec("hnswlib").origin
    wide = wide_instructions(Path(library))
    if wide:
        sys.exit(f"{library} has {wide} instructions that many processors lack.")


def freeze() -> Path:
    pyinstaller = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    pyinstaller += ["--distpath", str(BUILD / "frozen"), "--workpath", str(BUILD / "work")]
    call(*pyinstaller, str(PACKAGING / "saedesk.spec"))
    return BUILD / "frozen" / "saedesk"


def smoke_test(folder: Path) -> None:
    """The frozen program answers, finds its resources and model, and draws the demo."""
    program = str(folder / "saedesk")
    call(program, "--version")
    demo = BUILD / "frozen-demo"
    shutil.rmtree(demo, ignore_errors=True)
    call(program, "demo", "--headless", str(demo), QT_QPA_PLATFORM="offscreen")


def pack_tar(folder: Path) -> None:
    name = f"saedesk-{metadata.version('saedesk')}-linux-{platform.machine()}"
    plain = BUILD / f"{name}.tar"
    with tarfile.open(plain, "w") as archive:
        archive.add(folder, arcname=name)
    call("zstd", "-10", "--rm", "--force", str(plain), "-o", str(DIST / f"{name}.tar.zst"))


def pack_deb(folder: Path) -> None:
    version, machine = metadata.version("saedesk"), DEBIAN_MACHINES[platform.machine()]
    tree = BUILD / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(folder, tree / PROGRAM_FOLDER, symlinks=True)
    (tree / "usr/bin").mkdir(parents=True)
    # One program, two names: the window is what it opens without a command.
    for name in ("saedesk", "saedesk-desktop"):
        (tree / "usr/bin" / name).symlink_to(f"/{PROGRAM_FOLDER}/saedesk")
    copy_desktop_files(tree / "usr/share")
    control = tree / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(control_file(version, machine, size_of(tree)), "utf-8")
    target = DIST / f"saedesk_{version}_{machine}.deb"
    call("dpkg-deb", "--root-owner-group", "-Zzstd", "--build", str(tree), str(target))


def copy_desktop_files(share: Path) -> None:
    for source, folder, name in (
        ("saedesk.desktop", "applications", "saedesk.desktop"),
        ("saedesk.metainfo.xml", "metainfo", "saedesk.metainfo.xml"),
        ("saedesk.mime.xml", "mime/packages", "saedesk.xml"),
        ("icons/saedesk.svg", "icons/hicolor/scalable/apps", "saedesk.svg"),
        ("../LICENSE", "doc/saedesk", "copyright"),
    ):
        (share / folder).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(PACKAGING / source, share / folder / name)
    draw_icons(share / "icons" / "hicolor")


def draw_icons(hicolor: Path) -> None:
    """The icon in every size that desktops ask for; Qt draws SVG without a display or a screen."""
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    drawing = QSvgRenderer(str(PACKAGING / "icons" / "saedesk.svg"))
    for size in ICON_SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawing.render(painter)
        painter.end()
        folder = hicolor / f"{size}x{size}" / "apps"
        folder.mkdir(parents=True)
        image.save(str(folder / "saedesk.png"))


def size_of(tree: Path) -> int:
    """Kibibytes."""
    return sum(file.lstat().st_size for file in tree.rglob("*") if file.is_file()) // 1024


def control_file(version: str, machine: str, kibibytes: int) -> str:
    depends = {*LIBRARIES_OF_QT.values(), *LIBRARIES_OF_A_DISPLAY.values(), FONT_PACKAGE}
    return f"""Package: saedesk
Version: {version}
Architecture: {machine}
Maintainer: The saedesk developers <saedesk@localhost>
Installed-Size: {kibibytes}
Depends: {", ".join(sorted(depends))}
Section: science
Priority: optional
Description: look inside text embeddings with sparse autoencoders
 saedesk takes the vectors of documents apart into a few features with names, using a sparse
 autoencoder that it trains on the corpus itself, and steers a semantic search with them.
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
