"""What do a result and a brief look like as a piece of a web page, or as a page?

The templates escape all that comes from the data, and need nothing from outside: no style
sheet, script or picture. The pieces inherit colours, so that they read on light and dark.
"""

from earlywarning.report.backtest import backtest_html
from earlywarning.report.brief import Brief, page_box, page_html
from earlywarning.report.markdown import page_markdown
from earlywarning.report.result import result_html

__all__ = ["Brief", "backtest_html", "page_box", "page_html", "page_markdown", "result_html"]
