# Rscript made_with_r.R, in this folder: writes the three *_r.csv named below.
# Made with R 4.2.2, survival 3.5-3. No test needs R.
library(survival)
write_15 <- function(x, file) write.csv(format(x, digits = 15, trim = TRUE), file, row.names = FALSE, quote = FALSE)

# Proportional hazards: the lung data of the package.
zph <- do.call(rbind, lapply(c("efron", "breslow"), function(ties) {
  fit <- coxph(Surv(time, status == 2) ~ age + sex + ph.ecog, lung, ties = ties)
  table <- cox.zph(fit, transform = "km", terms = FALSE)$table
  data.frame(ties = ties, term = rownames(table), table, row.names = NULL)
}))
write_15(zph, "zph_r.csv")

# Competing risks: a small set with ties, and lung with every third event of another cause.
input <- read.csv("competing_risks_input.csv")
incidence <- do.call(rbind, lapply(unique(input$dataset), function(name) {
  d <- input[input$dataset == name, ]
  fit <- survfit(Surv(time, factor(cause, 0:2)) ~ 1, d, id = seq_len(nrow(d)), conf.type = "log-log")
  do.call(rbind, lapply(1:2, function(cause) data.frame(
    dataset = name, cause = cause, time = fit$time, n_risk = fit$n.risk[, 1],
    incidence = fit$pstate[, cause + 1], se = fit$std.err[, cause + 1],
    lcl_loglog = fit$lower[, cause + 1], ucl_loglog = fit$upper[, cause + 1]
  )))
}))
write_15(incidence, "competing_risks_r.csv")

# k groups, and weights within strata: lung by ECOG (0, 1, 2), by sex within ECOG.
known <- subset(lung, ph.ecog < 3)
tests <- list(
  list("lung_by_ecog", survdiff(Surv(time, status) ~ ph.ecog, known)),
  list("lung_by_ecog_rho1", survdiff(Surv(time, status) ~ ph.ecog, known, rho = 1)),
  list("lung_by_sex_strata_ecog_rho1", survdiff(Surv(time, status) ~ sex + strata(ph.ecog), known, rho = 1)),
  list("lung_by_ecog_strata_sex", survdiff(Surv(time, status) ~ ph.ecog + strata(sex), known))
)
write_15(do.call(rbind, lapply(tests, function(t) data.frame(
  test = t[[1]], chisq = t[[2]]$chisq, df = length(t[[2]]$n) - 1
))), "logrank_more_r.csv")
