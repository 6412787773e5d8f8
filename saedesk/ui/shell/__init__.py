"""The frame around the workspaces: rail, header, footer, palette, first start."""
