"""What do a result and an explanation look like as a piece of a web page?

The templates escape all that comes from the data, and need nothing from outside: no
style sheet, script or picture. They inherit colours, so that they read on light and dark.
"""

from earlywarning.report.backtest import backtest_html
from earlywarning.report.explanation import Explanation, explanation_html
from earlywarning.report.result import result_html

__all__ = ["Explanation", "backtest_html", "explanation_html", "result_html"]
