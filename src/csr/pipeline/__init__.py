"""The stages in order: a params file and a folder of data become a build folder with its report."""
