from datetime import date, timedelta

from fenzhen.simulate.company import Company, build_company

UNTIL = date(2026, 11, 22)


def test_the_same_seed_and_end_give_the_same_company(company: Company):
    again = build_company(1, UNTIL)
    assert again.customers == company.customers
    assert again.devices == company.devices


def test_another_seed_gives_another_company(company: Company):
    assert build_company(2, UNTIL).customers != company.customers


def test_device_numbers_are_unique_and_belong_to_customers(company: Company):
    units = [unit for units in company.devices.values() for unit in units]
    assert len({unit.device_id for unit in units}) == len(units)
    assert all(unit.customer.since <= unit.installed_at < UNTIL for unit in units)


def test_a_new_product_stands_nowhere_before_its_launch(company: Company):
    new = [product for product in company.products if product.launched]
    assert new
    for product in new:
        assert not company.installed(product, product.launched)
        assert company.installed(product, UNTIL)


def test_a_device_counts_from_the_day_after_its_installation(company: Company):
    unit = company.devices["清岚1.5匹"][0]
    assert unit not in company.installed(unit.product, unit.installed_at)
    assert unit in company.installed(unit.product, unit.installed_at + timedelta(days=1))
