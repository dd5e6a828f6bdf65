# Rscript made_with_r.R, in this folder: writes the files named below.
# Made with R 4.2.2, survival 3.5-3, cmprsk 2.2-11. No test needs R.
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

# --- Cox with strata and with exact (discrete) ties; months tie heavily -------------------------
veteran <- survival::veteran
veteran$celltype <- as.character(veteran$celltype)
write.csv(veteran, "veteran.csv", row.names = FALSE)
veteran$month <- ceiling(veteran$time / 30.4375)
known <- lung[lung$ph.ecog %in% 0:2, ]
cox_row <- function(name, formula, ties, data) {
  f <- coxph(as.formula(formula), data = data, ties = ties)
  s <- summary(f)
  data.frame(
    dataset = name, formula = formula, ties = ties, n = f$n, events = f$nevent,
    term = names(coef(f)), coef = coef(f), se = sqrt(diag(vcov(f))), hr = exp(coef(f)),
    hr_lcl = s$conf.int[, 3], hr_ucl = s$conf.int[, 4], z = s$coefficients[, 4],
    p = s$coefficients[, 5], loglik0 = f$loglik[1], loglik1 = f$loglik[2],
    lrt = s$logtest[1], wald = f$wald.test, score = s$sctest[1]
  )
}
rows <- NULL
for (ties in c("efron", "breslow", "exact")) rows <- rbind(
  rows,
  cox_row("lung", "Surv(time, status == 2) ~ sex + strata(ph.ecog)", ties, known),
  cox_row("lung", "Surv(time, status == 2) ~ age + sex + strata(ph.ecog)", ties, known),
  cox_row("veteran", "Surv(time, status) ~ trt + strata(celltype)", ties, veteran),
  cox_row("veteran", "Surv(month, status) ~ trt", ties, veteran),
  cox_row("veteran", "Surv(month, status) ~ trt + karno", ties, veteran)
)
write.csv(rows, "cox_strata_r.csv", row.names = FALSE)
zph <- function(test, f) {
  t <- cox.zph(f, transform = "km", terms = FALSE)$table
  data.frame(test = test, term = rownames(t), chisq = t[, 1], df = t[, 2], p = t[, 3])
}
write.csv(rbind(
  zph("lung", coxph(Surv(time, status == 2) ~ age + sex + strata(ph.ecog), known)),
  zph("veteran", coxph(Surv(time, status) ~ trt + strata(celltype), veteran))
), "zph_strata_r.csv", row.names = FALSE)

# --- pairs of groups ------------------------------------------------------------------------------
pair <- function(test, formula, data) {
  s <- survdiff(as.formula(formula), data = data)
  data.frame(test = test, chisq = s$chisq, p = pchisq(s$chisq, 1, lower.tail = FALSE))
}
write.csv(do.call(rbind, c(
  lapply(1:2, function(k) pair(paste("ecog", k), "Surv(time, status) ~ ph.ecog",
                               lung[lung$ph.ecog %in% c(0, k), ])),
  lapply(1:2, function(k) pair(paste("ecog", k, "strata sex"),
                               "Surv(time, status) ~ ph.ecog + strata(sex)",
                               lung[lung$ph.ecog %in% c(0, k), ])),
  lapply(c("smallcell", "adeno", "large"), function(k)
    pair(k, "Surv(time, status) ~ celltype", veteran[veteran$celltype %in% c("squamous", k), ]))
)), "logrank_pairs_r.csv", row.names = FALSE)

# --- Gray's test (cmprsk 2.2-11) ------------------------------------------------------------------
library(cmprsk)
set.seed(20260630)
rate <- c(a = .05, b = .11, c = .24)
gray <- data.frame(group = rep(c("a", "b", "c"), each = 30), stratum = sample(c("s", "t"), 90, TRUE))
own <- rate[gray$group]
gray$time <- ceiling(rexp(90, own + .10) * 2) / 2
gray$cause <- ifelse(runif(90) < .25, 0, ifelse(runif(90) < own / (own + .10), 1, 2))
gray$exact <- round(gray$time + runif(90), 6)
write.csv(gray, "gray_inputs.csv", row.names = FALSE)
test <- function(name, d, time = d$time, ...) {
  t <- cuminc(time, d$cause, d$group, cencode = 0, ...)$Tests
  data.frame(test = name, cause = rownames(t), chisq = t[, 1], p = t[, 2], df = t[, 3])
}
two <- gray[gray$group != "b", ]
few <- gray[c(1:6, 31:37, 61:66), ]
write.csv(rbind(
  test("three groups", gray), test("two groups", two), test("no ties", gray, gray$exact),
  test("few", few), test("three groups, strata", gray, strata = gray$stratum),
  test("two groups, strata", two, strata = two$stratum)
), "gray_r.csv", row.names = FALSE)

# --- two proportions: difference with Wald's limits, odds ratio with Woolf's ----------------------
counts <- data.frame(x1 = c(56, 9, 6, 5, 12, 30, 7), n1 = c(70, 10, 7, 56, 25, 40, 24),
                     x2 = c(48, 3, 2, 1, 9, 10, 7), n2 = c(80, 10, 7, 29, 26, 35, 24))
z <- qnorm(.975)
write.csv(do.call(rbind, lapply(seq_len(nrow(counts)), function(i) with(counts[i, ], {
  t <- matrix(c(x1, n1 - x1, x2, n2 - x2), 2, byrow = TRUE)
  wald <- prop.test(c(x1, x2), c(n1, n2), correct = FALSE)$conf.int
  g <- glm(cbind(c(x1, x2), c(n1 - x1, n2 - x2)) ~ c(1, 0), family = binomial,
           control = glm.control(epsilon = 1e-14, maxit = 100))
  b <- coef(summary(g))[2, 1:2]
  data.frame(x1, n1, x2, n2, diff = x1 / n1 - x2 / n2, wald_low = wald[1], wald_high = wald[2],
             or = exp(b[1]), or_low = exp(b[1] - z * b[2]), or_high = exp(b[1] + z * b[2]),
             fisher_p = fisher.test(t)$p.value)
}))), "two_proportions_r.csv", row.names = FALSE)
