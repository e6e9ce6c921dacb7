# The one runner of two that a page is about.
export I=1 N=2
